"""A PEPS and a GEODES that run on loopback: search, WPS, queue, products, what goes wrong.

It speaks the protocols of both as `facts` and recorded answers tell it, over real HTTP, so that
tests, the demo and people without an account can run the whole job.
"""

from peps_stac.simulator.clock import SimulatedClock
from peps_stac.simulator.faults import Action, Fault
from peps_stac.simulator.geodes.scenario import BadKey, GeodesScenario
from peps_stac.simulator.records import read_features
from peps_stac.simulator.scenario import Hrefs, Scenario, Script, XmlStyle
from peps_stac.simulator.server import Simulator
from peps_stac.simulator.users import Account

__all__ = [
    "Account",
    "Action",
    "BadKey",
    "Fault",
    "GeodesScenario",
    "Hrefs",
    "Scenario",
    "Script",
    "SimulatedClock",
    "Simulator",
    "XmlStyle",
    "read_features",
]
