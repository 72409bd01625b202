-- answers: does this connection have all macros of this package? It does where it has this one, which is made last
-- reads: nothing
-- parameters: none

create or replace temp macro equality_is_defined() as true;
