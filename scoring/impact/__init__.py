"""What a change of a rubric does to calls that were scored: seen before publishing, done afterwards.

`projection` judges one call by another rubric, `preview` shows what publishing would change, `rescoring` does it, and `work`
goes through the calls of either job.
"""
