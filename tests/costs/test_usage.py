"""Usage adds."""

from pressroom.costs import Usage


def test_usages_add_and_the_higher_peak_stays():
    one = Usage(cpu_s=1.0, wall_s=2.0, peak_bytes=30, read_bytes=4, written_bytes=5)
    other = Usage(cpu_s=0.5, wall_s=1.0, peak_bytes=10, read_bytes=1, written_bytes=2)
    assert one + other == Usage(cpu_s=1.5, wall_s=3.0, peak_bytes=30, read_bytes=5, written_bytes=7)


def test_no_usage_adds_nothing():
    one = Usage(cpu_s=1.0, wall_s=2.0, peak_bytes=30, read_bytes=4, written_bytes=5)
    assert one + Usage() == one


def test_memory_and_gpus_over_time_add_up():
    both = Usage(memory_byte_s=1.0, gpu_s=2.0) + Usage(memory_byte_s=3.0, gpu_s=4.0)
    assert (both.memory_byte_s, both.gpu_s) == (4.0, 6.0)
