import httpx
import pytest
from starlette.responses import PlainTextResponse

from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted, free_port


def get(url: str) -> str:
    return httpx.get(url, trust_env=False).text


def test_it_answers_on_a_loopback_port_while_the_block_lasts() -> None:
    with serving(Scripted(PlainTextResponse("here"))) as url:
        assert url.startswith("http://127.0.0.1:")
        assert get(url) == "here"
    with pytest.raises(httpx.ConnectError):
        get(url)


def test_it_ends_with_a_block_that_fails() -> None:
    with pytest.raises(KeyError), serving(Scripted()) as url:
        raise KeyError
    with pytest.raises(httpx.ConnectError):
        get(url)


def test_two_run_side_by_side() -> None:
    with serving(Scripted(PlainTextResponse("one"))) as first, serving(Scripted(PlainTextResponse("two"))) as second:
        assert (get(second), get(first)) == ("two", "one")


def test_a_named_port_is_used_and_a_taken_one_refused() -> None:
    port = free_port()
    with serving(Scripted(), port) as url:
        assert url == f"http://127.0.0.1:{port}"
        with pytest.raises(OSError), serving(Scripted(), port):
            pytest.fail("a taken port was served")
