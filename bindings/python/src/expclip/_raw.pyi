# The generated layer, whose types SWIG does not know.
from typing import Any

def __getattr__(name: str) -> Any: ...
