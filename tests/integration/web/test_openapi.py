"""docs/openapi.yaml against real responses, and against the requests of a fuzzer."""

from http import HTTPStatus
from pathlib import Path
import re
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
import yaml

from custom_components.alphaess_live.web.rest import VIEWS

from ..conftest import House, set_up
from .conftest import Client, bring_back, lose
from .rest_client import body_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi.yaml"
SPEC: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text("utf-8"))
OPERATIONS = [(path, method) for path, ways in SPEC["paths"].items() for method in ways]
NEEDS_MODBUS = {
    path
    for view in VIEWS
    if view.requires_modbus
    for path in (view.path, *view.other_paths)
}
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


FUZZER_SETTINGS = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def check(path: str, method: str, *, status: int, body: Any) -> None:
    """Validate a response against the document."""
    responses = SPEC["paths"][path][method]["responses"]
    assert str(status) in responses, f"{method} {path} does not document {status}"
    response = responses[str(status)]
    if "$ref" in response:
        response = SPEC["components"]["responses"][response["$ref"].split("/")[-1]]
    schema = response["content"]["application/json"]["schema"]
    whole = schema | {"components": SPEC["components"]}
    Draft202012Validator(whole).validate(body)


async def request(client: Client, path: str, method: str, query: str = "") -> int:
    """Send a request and validate the response; return the status."""
    url = path.replace("{date}", "2025-01-06").replace("{year}", "2025")
    answer = await client.request(method, url + query, json=body_of(method, path))
    check(path, method, status=answer.status, body=await answer.json())
    return answer.status


def test_document_is_valid() -> None:
    validate(SPEC)


def test_documented_paths_equal_the_views() -> None:
    served = {
        (path, view.method.lower())
        for view in VIEWS
        for path in (view.path, *view.other_paths)
    }
    assert served == set(OPERATIONS)


async def test_every_response_is_as_documented(
    recorder_mock: Recorder, hass: HomeAssistant, client: Client, home: House
) -> None:
    assert recorder_mock
    for path, method in OPERATIONS:
        assert await request(client, path, method) == HTTPStatus.OK
        assert await request(client, path, method, "?serial=x") == HTTPStatus.NOT_FOUND
    await lose(hass, home)
    for path, method in OPERATIONS:
        status = await request(client, path, method)
        assert status == (503 if path in NEEDS_MODBUS else 200)
    await bring_back(hass, home)


async def test_response_of_several_inverters_is_as_documented(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    client: Client,
    home: House,
    other_house: House,
) -> None:
    assert recorder_mock
    assert home.entry
    await set_up(hass, other_house)
    for path, method in OPERATIONS:
        status = await request(client, path, method)
        assert status == (400 if path in NEEDS_MODBUS else 200)
    answer = await client.get("/api/system/architecture")
    for inverter in (await answer.json())["inverters"]:
        del inverter["serial"]
        check("/api/system/architecture", "get", status=200, body=inverter)


async def test_summary_of_today_is_as_documented(
    recorder_mock: Recorder, client: Client
) -> None:
    assert recorder_mock
    assert await request(client, "/api/history/today", "get", "?summary=1") == 200


async def test_response_during_a_load_is_as_documented(
    recorder_mock: Recorder, hass: HomeAssistant, client: Client, home: House
) -> None:
    assert recorder_mock
    await hass.config_entries.async_unload(home.entry.entry_id)
    for path, method in OPERATIONS:
        status = await request(client, path, method)
        assert status == (503 if path in NEEDS_MODBUS else 200)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
async def test_response_to_wrong_method_is_as_documented(
    client: Client, method: str
) -> None:
    for path, right in OPERATIONS:
        if right != method:
            url = re.sub("{.*}", "2025", path)
            answer = await client.request(method, url)
            check(path, right, status=answer.status, body=await answer.json())


async def test_fuzzer_finds_no_500_and_nothing_undocumented(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    client: Client,
    home: House,
    hass_access_token: str,
) -> None:
    assert recorder_mock
    assert home.entry
    url = f"http://127.0.0.1:{client.port}"
    headers = {"Authorization": f"Bearer {hass_access_token}"}
    calls = 0

    def send_and_validate(case: schemathesis.Case[Any]) -> None:
        nonlocal calls
        calls += 1
        answer = case.call(base_url=url, headers=headers)
        case.validate_response(answer, checks=list(CHECKS))

    def fuzz() -> None:
        with_settings = FUZZER_SETTINGS(send_and_validate)
        schema = schemathesis.openapi.from_dict(SPEC)
        for result in schema.get_all_operations():
            assert isinstance(result, Ok)
            given(result.ok().as_strategy())(with_settings)()

    await hass.async_add_executor_job(fuzz)
    assert calls > 10 * len(OPERATIONS)
