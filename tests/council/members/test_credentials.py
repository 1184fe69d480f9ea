"""The header a key travels in to a server the operator declared."""

import pytest
from pydantic import SecretStr

from reviewbot.council.members.credentials import headers_for
from reviewbot.council.members.failures import Peer

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJhIn0.c2ln"
AZURE = "https://shop.openai.azure.com/openai/v1"


@pytest.mark.parametrize(
    ("url", "key", "google", "headers"),
    [
        ("https://gateway.example/v1", "k", False, {"Authorization": "Bearer k"}),
        ("https://gateway.example/v1", " k\n", False, {"Authorization": "Bearer k"}),
        (AZURE, "k", False, {"api-key": "k", "x-api-key": "k"}),
        (AZURE, JWT, False, {"Authorization": f"Bearer {JWT}"}),
        ("https://openai.azure.com.example/v1", "k", False, {"Authorization": "Bearer k"}),
        ("https://aiplatform.example/v1", "AIzaKey", True, {"x-goog-api-key": "AIzaKey"}),
        ("https://aiplatform.example/v1", "ya29.token", True, {"Authorization": "Bearer ya29.token"}),
        ("https://gateway.example/v1", None, True, {}),
    ],
)
def test_a_key_travels_as_its_server_reads_it(url: str, key: str | None, google: bool, headers: dict[str, str]) -> None:
    peer = Peer(model="m", url=url, key=SecretStr(key) if key else None, variable="KEY")
    assert headers_for(peer, google=google) == headers
