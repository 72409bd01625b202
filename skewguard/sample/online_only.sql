-- answers: which keys does the online store hold that have no source event? None that the source's types cannot write.
-- reads: online_keys: k0, k1, ... (null where the source's type has no such value); source_keys: k0, k1, 
-- parameters: none
select distinct columns('^k[0-9]+$')
from online_keys natural anti join source_keys
where columns('^k[0-9]+$') is not null
