"""Rules about the person: whether anybody may write to them at all, and on what ground. Each answers (is_ok, detail)."""

from liendea_assets.core.clock import to_text
from liendea_assets.outreach.gate.case import Case
from liendea_assets.outreach.settings import Policy

Answer = tuple[bool, str]

# The strictest last: somebody of whom two countries are known is protected by both.
_STRICTNESS: tuple[Policy, ...] = ("allow", "notice", "consent", "block")


def suppression(case: Case) -> Answer:
    """Nobody suppressed is ever written to, whatever address they have now."""
    reason = case.facts.suppression(case.row) or case.facts.opt_out(case.row)
    return reason is None, reason or "neither the person, nor an address or profile of theirs, is suppressed"


def stop(case: Case) -> Answer:
    """A reply, a bounce or a colleague's word stops a sequence, for one person or for everybody at a company."""
    found = case.facts.stop(case.row)
    if found is not None:
        return False, f"stopped (stop {found['id']})"
    uncertain = [sent["id"] for sent in case.facts.history(case.row) if sent["status"] == "uncertain" and sent["id"] != case.row.get("id")]
    if uncertain:
        return False, f"message {uncertain[0]} to this person may have been sent or not; settle it first"
    return True, "nothing stops the person's sequence"


def country_policy(case: Case) -> Answer:
    """The law of where the person is, as outreach.yaml reads it."""
    policy = policy_of(case)
    return policy != "block", f"the policy for the person's country is {policy}"


def legal_basis(case: Case) -> Answer:
    """A consent that is recorded, or an assessment of legitimate interest, as the country wants it."""
    consents = case.facts.consents(case.row)
    withdrawn = max((str(consent["withdrawn_at"]) for consent in consents if consent["withdrawn_at"]), default="")
    given = [consent for consent in consents if not consent["withdrawn_at"] and withdrawn < consent["given_at"] <= to_text(case.now)]
    if given:
        return True, f"consent {given[-1]['id']}"
    if withdrawn:
        # whoever takes a consent back does not want to be written to on another ground either
        return False, "the consent was withdrawn"
    policy = policy_of(case)
    if policy == "allow":
        return True, "the policy for the person's country wants no record"
    if policy == "notice":
        return _assessment(case)
    return False, "the policy for the person's country wants a consent, and none is recorded"


def email_verification(case: Case) -> Answer:
    """What providers say of the address, and what became of earlier messages to it."""
    if not case.row.get("recipient"):
        return False, "the message has no recipient"
    if case.facts.has_bounced(case.row):
        return False, "a message to this address bounced for good"
    status = case.facts.email_status(case.row)
    is_accepted = status in case.gate.verification
    return is_accepted, f"the address is {status}; accepted: {', '.join(case.gate.verification)}"


def policy_of(case: Case) -> Policy:
    """The strictest policy of the countries where the person may be."""
    policies = [case.gate.policy(country) for country in case.facts.countries(case.row)] or [case.gate.policy(None)]
    return max(policies, key=_STRICTNESS.index)


def _assessment(case: Case) -> Answer:
    assessment = case.gate.legitimate_interest
    if assessment is None:
        return False, "no assessment of legitimate interest is recorded in outreach.yaml"
    named = f"the assessment of legitimate interest of {assessment.assessed_on.isoformat()}"
    age = (case.now.date() - assessment.assessed_on).days
    if age < 0:
        return False, f"{named} is still to come"
    if age > assessment.max_age_days:
        return False, f"{named} is older than {assessment.max_age_days} days"
    return True, named
