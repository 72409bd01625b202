"""The Feast objects of the flights example: what to predict for is a flight out of New York, before it leaves.

No arithmetic here: what a feature is, transforms/ says. No view has a TTL: each table says itself when a window emptied
(transforms/rolling.py), and Feast applies a TTL in training only.
"""

from pathlib import Path

from feast import Entity, FeatureService, FeatureView, Field, FileSource, RequestSource, ValueType
from feast.types import Float64, Int64, String, UnixTimestamp

from skewguard import feature_view, on_demand_feature_view
from transforms.aircraft import aircraft_readiness
from transforms.carriers import carrier_delays
from transforms.delay_share import delay_share
from transforms.origins import origin_delays
from transforms.outlook import route_outlook
from transforms.routes import route_delays
from transforms.schedule import departure_context
from transforms.tails import tail_history
from transforms.weather import origin_weather
from transforms.wind import wind_exposure

# Absolute, because Feast's duckdb store reads a relative path from wherever the process was started.
DATA = Path(__file__).resolve().parent / "data"


def events(name: str, timestamp: str, created: str = "") -> FileSource:
    """One event table, made by scripts/make_flights_data.py: when it happened, and when it became known."""
    return FileSource(
        name=name, path=str(DATA / f"{name}.parquet"), timestamp_field=timestamp, created_timestamp_column=created
    )


departures = events("departures", "happened_at", "known_at")
arrivals = events("arrivals", "happened_at", "known_at")
weather = events("weather", "happened_at", "known_at")
hourly_runs = events("hourly_runs", "run_at")
planes = events("planes", "listed_at")

carrier = Entity(name="carrier", value_type=ValueType.STRING, description="Two characters of IATA, such as UA")
origin = Entity(name="origin", value_type=ValueType.STRING, description="Where it leaves: EWR, JFK or LGA")
dest = Entity(name="dest", value_type=ValueType.STRING, description="Where it is to land, by FAA code")
tailnum = Entity(name="tailnum", value_type=ValueType.STRING, description="The aircraft's registration")

carrier_delays_view = feature_view(
    carrier_delays, source={"departures": departures, "hourly_runs": hourly_runs}, entities=[carrier]
)
origin_delays_view = feature_view(
    origin_delays, source={"departures": departures, "hourly_runs": hourly_runs}, entities=[origin]
)
route_delays_view = feature_view(
    route_delays, source={"arrivals": arrivals, "hourly_runs": hourly_runs}, entities=[origin, dest]
)
tail_history_view = feature_view(tail_history, source=arrivals, entities=[tailnum])
origin_weather_view = feature_view(origin_weather, source=weather, entities=[origin])

# Nothing to compute: a plain Feast view, which skewguard checks like any other.
plane_registry_view = FeatureView(
    name="plane_registry",
    source=planes,
    entities=[tailnum],
    schema=[
        Field(name="tailnum", dtype=String),
        Field(name="built_year", dtype=Int64),
        Field(name="seats", dtype=Int64),
        Field(name="engines", dtype=Int64),
        Field(name="manufacturer", dtype=String),
        Field(name="model", dtype=String),
    ],
    owner="fleet",
)

booking = RequestSource(
    name="booking",
    schema=[
        Field(name="scheduled_departure", dtype=UnixTimestamp),
        Field(name="scheduled_minutes", dtype=Int64),
        Field(name="distance", dtype=Int64),
    ],
)
runway = RequestSource(name="runway", schema=[Field(name="runway_heading", dtype=Float64)])

delay_share_view = on_demand_feature_view(delay_share, sources=[carrier_delays_view, booking])
departure_context_view = on_demand_feature_view(departure_context, sources=[origin_delays_view, booking])
wind_exposure_view = on_demand_feature_view(
    wind_exposure, sources=[origin_weather_view, carrier_delays_view, booking, runway]
)
route_outlook_view = on_demand_feature_view(
    route_outlook, sources=[route_delays_view, carrier_delays_view, origin_delays_view]
)
aircraft_readiness_view = on_demand_feature_view(
    aircraft_readiness, sources=[tail_history_view, plane_registry_view, booking]
)

arrival_delay_v1 = FeatureService(
    name="arrival_delay_v1",
    features=[carrier_delays_view, origin_weather_view, delay_share_view],
    description="The first model: the carrier and the weather",
    owner="arrivals",
)
arrival_delay_v2 = FeatureService(
    name="arrival_delay_v2",
    features=[
        carrier_delays_view,
        origin_delays_view,
        route_delays_view,
        origin_weather_view,
        delay_share_view,
        departure_context_view,
        wind_exposure_view,
    ],
    description="Adds the airport, the route and the hour",
    owner="arrivals",
)
arrival_delay_v3 = FeatureService(
    name="arrival_delay_v3",
    features=[
        carrier_delays_view[["carrier_mean_dep_delay_24h", "carrier_late_share_7d", "carrier_cancelled_share_24h"]],
        origin_delays_view[["origin_departures_1h", "origin_mean_dep_delay_1h", "origin_late_share_24h"]],
        route_delays_view[["route_arrivals_7d", "route_mean_arr_delay_24h", "route_mean_arr_delay_7d"]],
        origin_weather_view,
        tail_history_view,
        plane_registry_view,
        delay_share_view,
        departure_context_view,
        wind_exposure_view,
        route_outlook_view,
        aircraft_readiness_view,
    ],
    description="Adds the aircraft, and leaves out what did not help",
    owner="arrivals",
)
