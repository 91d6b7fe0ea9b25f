"""Authored content as one file: personas, rubrics, scenarios, tracks, programs and documents as YAML (or JSON), out of an
organisation and into one.

```yaml
parley_content: 1
personas:
  - key: dana-cole        # with the language, what the same persona is found by at the next import
    language: en
    name: Dana Cole
    ...
rubrics: [...]
scenarios:
  - key: first-call
    language: en
    persona: dana-cole    # keys, of this file or of what is there already
    rubric: five-criteria
```

What names files – those of readings, longer documents – travels in an archive (`archives`): the same YAML, and each file
beside it under the SHA-256 of its content.

An import is all or nothing and leaves drafts, unless it is told to publish. What was changed here since the last package is
kept; where both sides changed the same, somebody has to choose.
"""

from . import archives
from .checking import checked
from .differing import Difference, differences
from .exporting import export_everything, export_package
from .files import Files, FileUnfit, named_in, with_small_documents_inside
from .importing import Change, Choices, import_package
from .kinds import find, key_of
from .merging import Conflict
from .promoting import promote
from .reading import FORMAT, LARGEST, Package, dump, parse
from .refusals import PackageRefused
from .registry import KINDS, MODELS, ORDER, REGISTRY, SERIALIZERS
from .signing import Signature, own_key, refuse_unsigned, signed, trust, verified

__all__ = [
    "FORMAT",
    "KINDS",
    "LARGEST",
    "MODELS",
    "ORDER",
    "REGISTRY",
    "SERIALIZERS",
    "Change",
    "Choices",
    "Conflict",
    "Difference",
    "FileUnfit",
    "Files",
    "Package",
    "PackageRefused",
    "Signature",
    "archives",
    "checked",
    "differences",
    "dump",
    "export_everything",
    "export_package",
    "find",
    "import_package",
    "key_of",
    "named_in",
    "own_key",
    "parse",
    "promote",
    "refuse_unsigned",
    "signed",
    "trust",
    "verified",
    "with_small_documents_inside",
]
