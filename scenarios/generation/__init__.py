"""Drafts of personas, scenarios and rubrics: from a few words, from a form about the business, from a playbook or a call.

What is made is a draft and stays one until an author publishes it. A language model writes where one has a key; without one,
or where none answers, the embedded generator does (`composing`): sentences from the given text, set into written templates.

`reading`     a playbook as numbered passages; words in it that instruct a machine are set aside
`material`    what is known of the business, each statement with the passage that it was taken from
`extraction`  passages -> material
`composing`   material -> persona, scenario, rubric, without a model
`authors`     material -> the same, by a language model whose answers are checked
`coherence`   do buyer, business and branding fit together?
`services`    the job: begun, worked on, cancelled, its drafts kept
`proposals`   changes to something that exists, taken over field by field
"""
