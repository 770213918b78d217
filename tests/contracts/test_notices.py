from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.web_hook import WebHook

from pressroom.backends.local.notices import FileNotices
from pressroom.backends.memory.notices import MemoryNotices
from pressroom.backends.webhook.notices import WebhookNotices
from pressroom.ports import BackendError, Notice
from pressroom.testing.contracts.notices import NOTICE, NoticesContract
from pressroom.values import InvalidInput


class TestMemoryNotices(NoticesContract):
    def make(self, tmp_path: Path) -> MemoryNotices:
        return MemoryNotices()

    def told(self, notices: MemoryNotices, tmp_path: Path) -> list[Notice]:
        return list(notices.told.values())

    def breaks(self, notices: MemoryNotices, tmp_path: Path) -> bool:
        return False


class TestFileNotices(NoticesContract):
    def make(self, tmp_path: Path) -> FileNotices:
        return FileNotices(tmp_path / "data" / "notices.jsonl")

    def told(self, notices: FileNotices, tmp_path: Path) -> list[Notice]:
        lines = (tmp_path / "data" / "notices.jsonl").read_bytes().splitlines()
        return list({(one := msgspec.json.decode(line, type=Notice)).id: one for line in lines}.values())

    def breaks(self, notices: FileNotices, tmp_path: Path) -> bool:
        (tmp_path / "data" / "notices.jsonl").mkdir(parents=True)
        return True


class TestWebhookNotices(NoticesContract):
    @pytest.fixture(autouse=True)
    def _hook(self) -> Iterator[None]:
        self.hook = WebHook()
        yield
        self.hook.close()

    def make(self, tmp_path: Path) -> WebhookNotices:
        return WebhookNotices(self.hook.address)

    def told(self, notices: WebhookNotices, tmp_path: Path) -> list[Notice]:
        assert self.hook.keys == [each["id"] for each in self.hook.taken]
        return list({each["id"]: msgspec.convert(each, Notice) for each in self.hook.taken}.values())

    def breaks(self, notices: WebhookNotices, tmp_path: Path) -> bool:
        self.hook.server.server_close()
        return True


@pytest.mark.parametrize("status", [302, 404, 503])
def test_only_an_answer_of_200_to_299_counts_as_taken_and_the_address_stays_secret(status):
    hook = WebHook(refuse=1, status=status)
    try:
        with pytest.raises(BackendError, match=f"answered {status}") as refused:
            WebhookNotices(hook.address).send(NOTICE)
    finally:
        hook.close()
    assert "s3cret" not in str(refused.value)
    assert hook.asked == 1


@pytest.mark.parametrize("address", ["", "ftp://a/b", "hooks.example/x", "http://"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(InvalidInput):
        WebhookNotices(address)
