"""Following in the background: what was appended is followed, together where it can be, whatever goes wrong between."""

import threading

from tests.servers import wait_for

from pressroom.ports import NoSpace
from pressroom.workspace import Following


class Follower:
    """Counts how often it was asked to follow; can be held up and made to fail."""

    def __init__(self):
        self.times, self.failing = 0, False
        self.free = threading.Event()
        self.free.set()

    def follow(self):
        self.times += 1
        self.free.wait()
        if self.failing:
            raise NoSpace("No room.", next_step="Free space.")


def test_what_is_there_at_the_start_is_followed():
    follower = Follower()
    following = Following(follower.follow)
    assert wait_for(lambda: follower.times == 1)
    following.close()


def test_what_comes_in_meanwhile_is_followed_together():
    follower = Follower()
    follower.free.clear()
    following = Following(follower.follow)
    assert wait_for(lambda: follower.times == 1)
    for _ in range(100):
        following.wake()
    follower.free.set()
    assert wait_for(lambda: follower.times == 2)
    following.close()
    assert follower.times == 3, "once more at the end, for what came in until then"


def test_a_failure_is_told_and_tried_again_until_it_goes():
    follower = Follower()
    follower.failing = True
    following = Following(follower.follow, retry_s=0.001)
    assert wait_for(lambda: follower.times > 3)
    assert following.failure is not None
    assert following.failure.message == "No room."
    follower.failing = False
    assert wait_for(lambda: following.failure is None)
    following.close()


def test_closing_does_not_wait_for_a_failure_to_pass():
    follower = Follower()
    follower.failing = True
    following = Following(follower.follow, retry_s=3_600.0)
    assert wait_for(lambda: following.failure is not None)
    following.close()
    assert follower.times == 2
