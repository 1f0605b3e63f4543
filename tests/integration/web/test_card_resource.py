"""The file of the cards and its dashboard resource."""

from typing import Any

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.lovelace.resources import ResourceStorageCollection
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.web.card_resource import CARD_URL

from ..conftest import House, set_up


async def resources(hass: HomeAssistant) -> list[dict[str, Any]]:
    collection = hass.data[LOVELACE_DATA].resources
    await collection.async_get_info()
    return list(collection.async_items() or [])


@pytest.fixture
async def dashboards(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "lovelace", {})


@pytest.mark.usefixtures("dashboards")
async def test_resource_exists_from_the_first_inverter_to_the_last(
    hass: HomeAssistant, house: House
) -> None:
    await set_up(hass, house)
    [resource] = await resources(hass)
    assert resource["url"].startswith(f"{CARD_URL}?v=")
    assert resource["type"] == "module"
    await hass.config_entries.async_reload(house.entry.entry_id)
    assert await resources(hass) == [resource]
    await hass.config_entries.async_remove(house.entry.entry_id)
    await hass.async_block_till_done()
    assert await resources(hass) == []


@pytest.mark.usefixtures("dashboards")
async def test_resource_of_older_release_is_updated_in_place(
    hass: HomeAssistant, house: House
) -> None:
    collection = hass.data[LOVELACE_DATA].resources
    assert isinstance(collection, ResourceStorageCollection)
    for url in ("/local/other.js", f"{CARD_URL}?v=0.0.1", f"{CARD_URL}?v=0.0.2"):
        await collection.async_create_item({"res_type": "module", "url": url})
    old = next(item for item in await resources(hass) if "0.0.1" in item["url"])
    await set_up(hass, house)
    other, ours = await resources(hass)
    assert other["url"] == "/local/other.js"
    assert ours["id"] == old["id"]
    assert "0.0." not in ours["url"]


async def test_yaml_resources_make_the_page_load_the_cards(
    hass: HomeAssistant, house: House
) -> None:
    config = {"lovelace": {"resource_mode": "yaml", "resources": []}}
    assert await async_setup_component(hass, "lovelace", config)
    assert await async_setup_component(hass, "frontend", {})
    await set_up(hass, house)
    urls = hass.data[DATA_EXTRA_MODULE_URL].urls
    assert [url for url in urls if url.startswith(CARD_URL)]


async def test_bundle_is_served_as_a_script(
    live_house: House, hass_client: ClientSessionGenerator
) -> None:
    assert live_house.entry.domain == DOMAIN
    client = await hass_client()
    answer = await client.get(CARD_URL)
    assert answer.status == 200
    assert "javascript" in answer.headers["Content-Type"]
    assert "alphaess-live-card" in await answer.text()
