"""The addresses: one class for each, all of them in `VIEWS` below."""

from datetime import UTC, datetime
from typing import override

from homeassistant.const import __version__ as home_assistant_version
from homeassistant.loader import async_get_loaded_integration

from ..alphaess.faults import Severity
from ..const import CONF_TRANSPORT, CONF_UNIT_ID, DOMAIN
from ..control.controller import InverterController
from ..feed.serialize import rfc3339
from . import payloads
from .clients import CLIENTS
from .history import ConnectionHistoryView, EnergyHistoryView, PowerHistoryView
from .history_access import pv_energy_today
from .legacy_history import DailyView, DateView, Last24HoursView, MonthlyView, TodayView
from .order_views import (
    ChargeView,
    DischargeView,
    HoldView,
    PreventDischargeView,
    StopView,
)
from .resolve import require_connection
from .view import ApiRequest, ApiView, Json


class HealthView(ApiView):
    """Is everything well? For whoever watches over services."""

    path = "/api/health"
    policy = None

    @override
    async def handle(self, call: ApiRequest) -> Json:
        connected = call.inverter.connection.connected
        now = datetime.now(UTC)
        return {
            "status": "ok" if connected else "degraded",
            "version": _version(call),
            "timestamp": rfc3339(now),
            "uptime": round((now - call.inverter.started).total_seconds(), 1),
            "modbus": {"connected": connected},
        }


class CollectorStatusView(ApiView):
    """How the reading goes."""

    path = "/api/alphaess/collector-status"

    @override
    async def handle(self, call: ApiRequest) -> Json:
        clients = call.hass.data[CLIENTS].client_count(call.inverter)
        return payloads.collector(call.inverter, clients=clients)


class ArchitectureView(ApiView):
    """What the house is made of, as learned last."""

    path = "/api/system/architecture"

    @override
    async def handle(self, call: ApiRequest) -> Json:
        data = call.inverter.config_entry.data
        return payloads.architecture(call.inverter.identity) | {
            "transport": {"kind": data[CONF_TRANSPORT], "unitId": data[CONF_UNIT_ID]},
            "software": {
                "integration": _version(call),
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
    """Everything that the inverter says."""

    path = "/api/alphaess/complete-status"
    other_paths = ("/api/alphaess/status",)
    requires_modbus = True

    @override
    async def handle(self, call: ApiRequest) -> Json:
        inverter, snapshot = call.inverter, require_connection(call.inverter)
        faults = inverter.fault_tracker.since
        return {
            "timestamp": rfc3339(snapshot.measured_at),
            **payloads.readings(snapshot, inverter.identity.strings),
            "dispatch": _dispatch(call.runtime.controller),
            "faults": payloads.faults(faults, Severity.FAULT),
            "warnings": payloads.faults(faults, Severity.WARNING),
        }


class PvDetailsView(ApiView):
    """Everything about generation."""

    path = "/api/alphaess/pv-details"
    requires_modbus = True

    @override
    async def handle(self, call: ApiRequest) -> Json:
        snapshot = require_connection(call.inverter)
        identity, today = call.inverter.identity, await pv_energy_today(call)
        return payloads.pv_details(snapshot, identity, today=today)


class DispatchStatusView(ApiView):
    """What the battery has been told to do, and by whom."""

    path = "/api/alphaess/dispatch-status"
    requires_modbus = True

    @override
    async def handle(self, call: ApiRequest) -> Json:
        snapshot = require_connection(call.inverter)
        return {"timestamp": rfc3339(snapshot.measured_at)} | _dispatch(
            call.runtime.controller
        )


def _version(call: ApiRequest) -> str:
    return str(async_get_loaded_integration(call.hass, DOMAIN).version)


def _dispatch(controller: InverterController) -> Json:
    status = controller.dispatch
    return payloads.dispatch(status) if status else payloads.NO_DISPATCH


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
    StopView,
    PowerHistoryView,
    EnergyHistoryView,
    ConnectionHistoryView,
    Last24HoursView,
    TodayView,
    DateView,
    DailyView,
    MonthlyView,
)
"""Every address but the live feed's."""
