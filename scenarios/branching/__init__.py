"""Branching scenarios: a call as a graph of stages.

`graph` is plain data and knows no Django, like `ways`, `wording` and `preview`; `validation` says what is wrong with a graph,
`people` knows who may speak in it.
"""

from .graph import Graph, GraphInvalid, Node
from .preview import as_text

__all__ = ["Graph", "GraphInvalid", "Node", "as_text"]
