"""What a customer says changes her draft, and only what it touches."""

from datetime import datetime

from marcai.conversation.changes import apply
from marcai.conversation.draft import Draft, When
from marcai.conversation.understanding import Said
from tests.unit.conversation.salon import SALON


def said(*add, **rest) -> Said:
    """A message that names services; each argument is the list of what one mention may mean."""
    return Said(add=[[one] if isinstance(one, str) else list(one) for one in add], **rest)


def test_services_are_added_in_the_order_they_were_named():
    draft = Draft()
    assert apply(draft, said("barba", "corte-masculino"), SALON).added == ["barba", "corte-masculino"]
    assert draft.services == ["barba", "corte-masculino"]


def test_a_word_that_fits_two_services_stays_open_until_one_is_named():
    draft = Draft()
    apply(draft, said(["corte-feminino", "corte-masculino"], "barba"), SALON)
    assert (draft.services, draft.unclear) == (["barba"], [["corte-feminino", "corte-masculino"]])
    apply(draft, said("corte-masculino"), SALON)
    assert (draft.services, draft.unclear) == (["barba", "corte-masculino"], [])


def test_an_unclear_word_is_no_question_when_one_of_its_services_is_chosen_already():
    draft = Draft(services=["corte-feminino"])
    apply(draft, said(["corte-feminino", "corte-masculino"]), SALON)
    assert draft.unclear == []


def test_services_that_do_not_go_together_are_refused_with_the_reason():
    draft = Draft(services=["progressiva"])
    changes = apply(draft, said("escova"), SALON)
    assert changes.incompatible == [("escova", "progressiva")]
    assert draft.services == ["progressiva"]


def test_a_sixth_service_is_refused():
    draft = Draft(services=["corte-feminino", "barba", "escova", "sobrancelha", "manicure"])
    assert apply(draft, said("pedicure"), SALON).too_many
    assert len(draft.services) == 5


def test_a_service_that_is_named_twice_is_taken_once():
    draft = Draft(services=["barba"])
    assert not apply(draft, said("barba"), SALON).anything
    assert draft.services == ["barba"]


def test_taking_a_service_away_gives_the_chosen_start_up():
    draft = Draft(services=["barba", "escova"], start="2026-11-28T15:00", held_until="x", visit_id="v")
    assert apply(draft, said(remove=["barba"]), SALON).removed == ["barba"]
    assert (draft.services, draft.start, draft.held_until, draft.visit_id) == (["escova"], None, None, "v")


def test_a_new_day_keeps_the_clock_time():
    draft = Draft(services=["barba"], when=When(days=("2026-11-28", "2026-11-29"), exact="15:00"), start="x")
    apply(draft, said(when=When(days=("2026-11-29", "2026-11-30"))), SALON)
    assert (draft.when.days[0], draft.when.exact, draft.start) == ("2026-11-29", "15:00", None)


def test_a_new_clock_time_keeps_the_day():
    draft = Draft(services=["barba"], when=When(days=("2026-11-28", "2026-11-29"), exact="15:00"))
    apply(draft, said(when=When(clock=("08:00", "12:00"))), SALON)
    assert draft.when == When(days=("2026-11-28", "2026-11-29"), clock=("08:00", "12:00"))


def test_a_customer_who_says_services_and_day_at_once_is_not_asked_for_more_services():
    draft = Draft()
    apply(draft, said("barba", when=When(days=("2026-11-28", "2026-11-29"))), SALON)
    assert draft.no_more and draft.package_ok


def test_a_customer_who_says_only_services_is():
    draft = Draft()
    apply(draft, said("barba"), SALON)
    assert not draft.no_more and not draft.package_ok


def test_a_tapped_start_is_chosen():
    draft = Draft(services=["barba"])
    apply(draft, said(start="2026-11-28T15:00"), SALON)
    assert draft.start == "2026-11-28T15:00"


def test_only_takes_the_others_away_when_it_names_what_is_chosen():
    draft = Draft(services=["barba", "escova", "manicure"], unclear=[["corte-feminino", "corte-masculino"]])
    assert apply(draft, said("barba", only=True), SALON).removed == ["escova", "manicure"]
    assert (draft.services, draft.unclear) == (["barba"], [])


def test_only_just_adds_what_is_not_chosen_yet():
    draft = Draft(services=["escova"])
    apply(draft, said("barba", only=True), SALON)
    assert draft.services == ["escova", "barba"]


def test_a_swap_is_one_change():
    draft = Draft(services=["escova"])
    changes = apply(draft, said("progressiva", remove=["escova"]), SALON)
    assert (changes.removed, changes.added, draft.services) == (["escova"], ["progressiva"], ["progressiva"])


def test_taking_away_what_was_never_chosen_changes_nothing():
    draft = Draft(services=["escova"], start="2026-11-28T15:00")
    assert not apply(draft, said(remove=["barba"]), SALON).anything
    assert draft == Draft(services=["escova"], start="2026-11-28T15:00")


def test_a_change_of_services_wishes_for_the_same_start():
    draft = Draft(services=["barba"], start="2026-11-28T15:00", held_until="x", when=When(clock=("12:00", "18:00")))
    apply(draft, said("sobrancelha"), SALON)
    assert (draft.start, draft.held_until) == (None, None)
    assert draft.when == When(days=("2026-11-28", "2026-11-29"), exact="15:00:00")


def test_a_change_of_the_professional_wishes_for_the_same_start():
    draft = Draft(services=["barba"], staff="ana", start="2026-11-28T15:00")
    apply(draft, Said(staff="bruno"), SALON)
    assert (draft.staff, draft.start, draft.when.exact) == ("bruno", None, "15:00:00")


def test_a_professional_who_is_ruled_out_is_no_longer_wanted_until_she_is_asked_for():
    draft = Draft(services=["barba"], staff="ana")
    apply(draft, Said(not_staff=["ana"]), SALON)
    assert (draft.staff, draft.not_staff) == (None, ["ana"])
    apply(draft, Said(staff="ana"), SALON)
    assert (draft.staff, draft.not_staff) == ("ana", [])


def test_a_day_that_was_ruled_out_may_be_asked_for_again():
    draft = Draft(services=["barba"])
    apply(draft, Said(when=When(not_days=["2026-11-27"])), SALON)
    assert not draft.when.accepts(datetime(2026, 11, 27, 15))
    apply(draft, Said(when=When(days=("2026-11-27", "2026-11-28"))), SALON)
    assert draft.when.accepts(datetime(2026, 11, 27, 15))


def test_ruling_out_the_chosen_day_opens_it_again():
    draft = Draft(services=["barba"], when=When(days=("2026-11-27", "2026-11-28"), exact="15:00"))
    apply(draft, Said(when=When(not_days=["2026-11-27"])), SALON)
    assert (draft.when.days, draft.when.exact) == (None, "15:00")


def test_the_removal_of_a_word_that_is_still_unclear_closes_its_question():
    draft = Draft(unclear=[["corte-feminino", "corte-masculino"]], services=["barba"])
    apply(draft, Said(remove=["corte-feminino", "corte-masculino"]), SALON)
    assert (draft.unclear, draft.services) == ([], ["barba"])


def test_a_weekday_after_a_week_is_the_day_of_that_week():
    draft = Draft(services=["barba"], when=When(days=("2026-11-30", "2026-12-07")))
    apply(draft, Said(when=When(days=("2026-11-24", "2026-11-25")), by_weekday=True), SALON)
    assert draft.when.days == ("2026-12-01", "2026-12-02")


def test_a_date_after_a_week_is_that_date():
    draft = Draft(services=["barba"], when=When(days=("2026-11-30", "2026-12-07")))
    apply(draft, Said(when=When(days=("2026-11-24", "2026-11-25"))), SALON)
    assert draft.when.days == ("2026-11-24", "2026-11-25")
