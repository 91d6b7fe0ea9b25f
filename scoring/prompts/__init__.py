"""The prompts of the language-model judges: versions with a state, tried before they count (docs/prompts.md).

An app of its own, in `public`: one prompt serves all organisations, and operators look after it at `/admin/`.
"""
