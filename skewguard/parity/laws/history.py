"""The laws of batch transforms, each tested as a whole in the worker process, where the function is.

The engine calls two functions for them, both to be found here (re-exported from where they are):

    batch_codes(repo_or_transforms, ...) is of the pipeline: it makes a BatchCode (parity/batch_code.py) per transform;
    tested(code: BatchCode, law: Law, *, examples: int, seed: int) -> LawResult

`tested` is asked for every law whose Rule has no `not_batch`: deterministic, order_invariant, input_untouched,
schema_kept, rehydrates and timezone_free too, and says `not_applicable` itself where it must. It runs in a process of
its own, ended after a time limit; the working directory is the repo's, and the project is importable.
"""
