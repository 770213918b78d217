import subprocess
import sys

import pressroom.models as models

FRAMEWORKS = ("sklearn", "lightgbm", "pandas", "torch", "xgboost", "catboost", "onnxruntime")


def test_no_framework_is_imported_by_the_room_or_by_finding_an_adapter():
    program = (
        "import sys, pressroom.models as models\n"
        "assert all(not adapter.owns(object()) for adapter in models.installed_adapters())\n"
        f"print([name for name in {FRAMEWORKS!r} if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_door_lists_what_it_offers():
    assert len(set(models.__all__)) == len(models.__all__)
    assert all(hasattr(models, name) for name in models.__all__)
