"""Detects the scales of a device: hypotheses that raw values confirm, contradict and withdraw with time."""

from collections.abc import Callable
import logging

from .maps import CURRENT, RegisterMap
from .registers.register import Memory
from .scale_evidence import (
    DEFAULT,
    RULES,
    UNEXPLAINED,
    Evidence,
    Streak,
    Weight,
    Words,
    has_temperature,
)
from .scales import (
    CELL_VOLTAGE,
    GRID_VOLTAGE,
    INVERTER_TEMPERATURE,
    STANDARD,
    TOTAL_ENERGY,
    ScaleProfile,
    ScaleVariant,
)

_LOGGER = logging.getLogger(__name__)

_B3_TRAITS = (CELL_VOLTAGE, GRID_VOLTAGE)
"""What only a SMILE-B3 has together in the alternative scale."""
_B3_SCALES = (INVERTER_TEMPERATURE, TOTAL_ENERGY)
"""What a SMILE-B3 then has in the alternative scale, too, unless their own values say otherwise."""


class Hypothesis:
    """The scale that one variant has on one device, and how certain that is."""

    def __init__(
        self, variant: ScaleVariant, *, alternative: bool, confirmed: bool
    ) -> None:
        """Start with what was stored."""
        self.variant = variant
        self.alternative = self.stored = alternative
        self.confirmed = confirmed
        self.samples = 0
        """Samples since the scale was last certain."""
        self._withdrawn = False
        """Whether a confirmed scale was contradicted for so long that it must be confirmed again."""
        self._streak: Streak[bool] = Streak()
        """The samples for the alternative scale, or those for the default one."""

    @property
    def in_question(self) -> bool:
        """Whether the values are unknown now."""
        return self._withdrawn or self.is_supported(alternative=not self.alternative)

    def is_supported(self, *, alternative: bool) -> bool:
        """Whether the latest evidence was for this scale."""
        return self._streak.latest is alternative

    def add(self, evidence: Evidence | None, at: float) -> None:
        """Add the evidence of one sample, at a time in seconds of a clock that is never set."""
        self._weigh(evidence, at)
        is_certain = self.confirmed and not self.in_question
        self.samples = 0 if is_certain else self.samples + 1

    def _weigh(self, evidence: Evidence | None, at: float) -> None:
        if evidence is UNEXPLAINED and not self.confirmed:
            self._streak.interrupt()
            return
        if not evidence or (self.confirmed and evidence.weight is Weight.DOUBT):
            # Only samples that follow each other count: odd words of several days prove nothing.
            self._streak.end()
            return
        is_doubt = evidence.weight is Weight.DOUBT
        self._streak.add(evidence.alternative, at, counts=not is_doubt)
        if is_doubt:
            return
        if not self.confirmed or self._withdrawn or self.in_question:
            self._decide(evidence)

    def _decide(self, evidence: Evidence) -> None:
        """Confirm the scale, or withdraw the confirmed one, after enough samples."""
        is_opposite = self.confirmed and evidence.alternative is not self.alternative
        # A device does not change its scales: half an hour is no odd word any more.
        needed = Weight.HINT if is_opposite else evidence.weight
        if self._streak.lasts(needed):
            self.alternative, self.confirmed = evidence.alternative, True
            self._withdrawn = False
            _LOGGER.info("Scale of %s confirmed: %g", self.variant.name, self._step)
        elif self._streak.lasts(evidence.weight) and not self._withdrawn:
            self._withdrawn = True
            text = "Scale of %s withdrawn: the values do not fit %g"
            _LOGGER.warning(text, self.variant.name, self._step)

    @property
    def _step(self) -> float:
        variant = self.variant
        return variant.alternative if self.alternative else variant.default


class ScaleDetector:
    """Collects the evidence of one device, sample by sample."""

    def __init__(
        self, known: ScaleProfile = STANDARD, register_map: RegisterMap = CURRENT
    ) -> None:
        """Start with what is known; scales that the user has chosen are never changed."""
        self._known, self._map = known, register_map
        self._rules = {variant: make_rule() for variant, make_rule in RULES}
        self._hypotheses = {
            one: Hypothesis(
                one,
                alternative=one in known.alternatives,
                confirmed=one in known.confirmed,
            )
            for one in self._rules
        }

    @property
    def learned(self) -> ScaleProfile:
        """What may be stored: confirmed scales, and stored ones that nothing has contradicted."""
        return ScaleProfile(
            alternatives=self._variants(
                lambda one: one.alternative and (one.confirmed or one.stored)
            ),
            confirmed=self._variants(lambda one: one.confirmed),
        )

    def uncertain_samples(self, variant: ScaleVariant) -> int:
        """Return the number of samples since a scale was certain; 0 while it is."""
        return self._hypotheses[variant].samples

    def update(self, memory: Memory, *, at: float) -> ScaleProfile:
        """Add a sample, at a time in seconds of a clock that is never set; return the scales to use."""
        if self._known.is_fixed:
            return self._known
        words = Words(memory, self._map)
        for variant, rule in self._rules.items():
            try:
                evidence = rule(words)
            except KeyError:
                continue  # Its registers were not read, or are not in the map.
            if variant is INVERTER_TEMPERATURE and not self._is_no_b3:
                # A cold SMILE-B3 sends what others send at room temperature.
                evidence = None if evidence == DEFAULT else evidence
            self._hypotheses[variant].add(evidence, at)
        doubtful = self._assume_b3_scales(words)
        return ScaleProfile(
            alternatives=self._variants(lambda one: one.alternative),
            in_question=self._variants(lambda one: one.in_question) | doubtful,
            confirmed=self._variants(lambda one: one.confirmed),
        )

    def _variants(
        self, condition: Callable[[Hypothesis], bool]
    ) -> frozenset[ScaleVariant]:
        return frozenset(v for v, one in self._hypotheses.items() if condition(one))

    @property
    def _may_be_b3(self) -> bool:
        return all(
            one.alternative or one.is_supported(alternative=True)
            for one in self._traits
        )

    @property
    def _is_no_b3(self) -> bool:
        """Whether one of the traits is missing; a sleeping battery and an absent grid show neither."""
        return any(
            not one.alternative and not one.is_supported(alternative=True)
            if one.confirmed
            else one.is_supported(alternative=False)
            for one in self._traits
        )

    @property
    def _traits(self) -> list[Hypothesis]:
        return [self._hypotheses[one] for one in _B3_TRAITS]

    def _assume_b3_scales(self, words: Words) -> frozenset[ScaleVariant]:
        """Give a SMILE-B3 the scales that it has not proven itself; return them while it may be one."""
        is_b3 = all(one.alternative and not one.in_question for one in self._traits)
        open_ones = [h for v in _B3_SCALES if not (h := self._hypotheses[v]).confirmed]
        for one in open_ones:
            one.alternative = is_b3 or one.stored
        if is_b3:
            return frozenset()
        # The total has a rule of its own, which doubts it until it has proven its scale.
        doubted = {
            INVERTER_TEMPERATURE: not self._is_no_b3 and has_temperature(words),
            TOTAL_ENERGY: self._may_be_b3,
        }
        return frozenset(one.variant for one in open_ones if doubted[one.variant])
