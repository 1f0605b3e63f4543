"""The REST paths: a class for each one, all of them listed in `VIEWS` below."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import override

from homeassistant.const import __version__ as home_assistant_version
from homeassistant.loader import async_get_loaded_integration

from ..alphaess.faults import Severity
from ..const import CONF_TRANSPORT, CONF_UNIT_ID, DOMAIN
from ..feed.messages import rfc3339
from . import legacy_payloads, payloads
from .clients import CLIENTS
from .event_history import (
    ConnectionHistoryView,
    DispatchHistoryView,
    EventHistoryView,
)
from .history import EnergyHistoryView, PowerHistoryView
from .history_access import energy_states, pv_energy_today
from .legacy_history import DailyView, DateView, Last24HoursView, MonthlyView, TodayView
from .order_views import (
    ChargeView,
    DischargeView,
    GridTargetView,
    HoldView,
    PreventDischargeView,
    StopView,
)
from .resolve import require_connection
from .view import ApiRequest, ApiView, Json


class HealthView(ApiView):
    """The health of the integration, for monitoring programs."""

    path = "/api/health"
    policy = None

    @override
    async def handle(self, request: ApiRequest) -> Json:
        connected, loaded = request.connection.connected, request.loaded
        elapsed = loaded.coordinator.elapsed if loaded else timedelta()
        return {
            "status": "ok" if connected else "degraded",
            "version": _version(request),
            "timestamp": rfc3339(datetime.now(UTC)),
            "uptime": round(elapsed.total_seconds(), 1),
            "modbus": {"connected": connected},
        }

    @override
    def sorted_requests(self, requests: list[ApiRequest]) -> Iterable[ApiRequest]:
        return sorted(requests, key=lambda one: one.connection.connected)


class CollectorStatusView(ApiView):
    """The state of polling."""

    path = "/api/alphaess/collector-status"

    @override
    async def handle(self, request: ApiRequest) -> Json:
        channel = request.hass.data[CLIENTS].find_channel(request.entry)
        clients = len(channel.clients) if channel else 0
        loaded = request.loaded
        if loaded is None:
            return payloads.not_loaded_collector(
                request.entry, request.connection, clients=clients
            )
        return payloads.collector(loaded.coordinator, clients=clients) | {
            "currentDispatch": legacy_payloads.running_dispatch(
                loaded.dispatch_log.records
            )
        }


class ArchitectureView(ApiView):
    """The equipment and the software; also while the inverter is disconnected."""

    path = "/api/system/architecture"

    @override
    async def handle(self, request: ApiRequest) -> Json:
        data, loaded = request.entry.data, request.loaded
        latest = loaded.coordinator.latest if loaded else None
        return payloads.architecture(request.identity, latest) | {
            "transport": {"kind": data[CONF_TRANSPORT], "unitId": data[CONF_UNIT_ID]},
            "software": {
                "integration": _version(request),
                "homeAssistant": home_assistant_version,
            },
            "endpoints": [
                {
                    "method": view.method,
                    "path": path,
                    "requiresModbus": view.requires_modbus,
                }
                for view in VIEWS
                for path in (view.path, *view.other_paths)
            ],
        }


class CompleteStatusView(ApiView):
    """All readings, the dispatch, faults and warnings."""

    path = "/api/alphaess/complete-status"
    other_paths = ("/api/alphaess/status",)
    requires_modbus = True

    @override
    async def handle(self, request: ApiRequest) -> Json:
        inverter, snapshot = request.inverter, require_connection(request.inverter)
        faults = inverter.fault_tracker.since
        readings = payloads.readings(snapshot, inverter.identity.strings)
        today = energy_states(request, legacy_payloads.TODAY_KEYS)
        legacy_payloads.add_status_fields(readings, snapshot, today)
        return {
            "timestamp": rfc3339(snapshot.measured_at),
            **readings,
            "dispatch": payloads.dispatch(request.runtime.controller.dispatch),
            "faults": payloads.faults(faults, Severity.FAULT),
            "warnings": payloads.faults(faults, Severity.WARNING),
        }


class PvDetailsView(ApiView):
    """All values of PV generation."""

    path = "/api/alphaess/pv-details"
    requires_modbus = True

    @override
    async def handle(self, request: ApiRequest) -> Json:
        snapshot = require_connection(request.inverter)
        identity, today = request.inverter.identity, await pv_energy_today(request)
        return payloads.pv_details(snapshot, identity, today=today)


class DispatchStatusView(ApiView):
    """The state of the dispatch and its owner."""

    path = "/api/alphaess/dispatch-status"
    other_paths = ("/api/dispatch/status",)
    requires_modbus = True

    @override
    async def handle(self, request: ApiRequest) -> Json:
        snapshot = require_connection(request.inverter)
        return {
            "timestamp": rfc3339(snapshot.measured_at),
            **payloads.dispatch(request.runtime.controller.dispatch),
        }


def _version(request: ApiRequest) -> str:
    return str(async_get_loaded_integration(request.hass, DOMAIN).version)


VIEWS: tuple[type[ApiView], ...] = (
    HealthView,
    CollectorStatusView,
    ArchitectureView,
    CompleteStatusView,
    PvDetailsView,
    DispatchStatusView,
    ChargeView,
    DischargeView,
    HoldView,
    PreventDischargeView,
    GridTargetView,
    StopView,
    PowerHistoryView,
    EnergyHistoryView,
    ConnectionHistoryView,
    DispatchHistoryView,
    EventHistoryView,
    Last24HoursView,
    TodayView,
    DateView,
    DailyView,
    MonthlyView,
)
"""All paths except the live feed."""
