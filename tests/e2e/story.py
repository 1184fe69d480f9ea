"""A pull request over five pushes, and what two scripted voices say of each: for the conversation test and its picture.

Everything in it is made up. A voice repeats a remark as long as the code it quotes is in the change, as a model would.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

VIEWS = """\
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect


@login_required
def portal(request):
    query = urlencode({"return_url": request.build_absolute_uri("/account")})
    return redirect(f"{settings.STRIPE_PORTAL}?{query}")
"""
BUY = """

@login_required
def buy_credit(request):
    query = urlencode({"prefilled_email": request.user.email})
    return redirect(f"{settings.STRIPE_PAYMENT_LINK}?{query}")
"""
BUY_WITH_ID = BUY.replace('"prefilled_email": request.user.email', '"client_reference_id": request.user.pk')
HOOK = """\
import stripe
from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from billing.models import Credit, Subscription


@csrf_exempt
def stripe_webhook(request):
    signature = request.headers["Stripe-Signature"]
    event = stripe.Webhook.construct_event(request.body, signature, settings.STRIPE_WEBHOOK_SECRET)
    if event.type == "customer.subscription.deleted":
        Subscription.objects.filter(stripe_id=event.data.object.id).update(active=False)
    return HttpResponse(status=204)
"""
PAID = '''\
    elif event.type == "checkout.session.completed":
        add_credit(event.data.object)
    return HttpResponse(status=204)


def add_credit(checkout):
    """Stripe may tell us twice: `Credit.checkout` is unique."""
    user = User.objects.get(email=checkout.customer_details.email)
    Credit.objects.get_or_create(checkout=checkout.id, defaults={"user": user, "cents": checkout.amount_total})
'''
NOTES = '''

EVENTS = {
    "checkout.session.completed": "a paid checkout",
    "checkout.session.expired": "a checkout nobody paid",
    "charge.refunded": "money given back",
    "charge.dispute.created": "a payment somebody disputes",
    "customer.subscription.deleted": "a subscription that ended",
    "customer.subscription.updated": "a subscription that changed",
    "invoice.paid": "an invoice that was paid",
    "invoice.payment_failed": "an invoice that was not",
}
"""What Stripe tells us, in the words of our support desk."""
'''
REFUNDS = """\
import requests
from django.conf import settings


def refund(charge, cents):
    body = {"charge": charge.stripe_id, "amount": cents}
    reply = requests.post(f"{settings.STRIPE_API}/refunds", data=body, timeout=10)
    if reply.status_code >= 500:
        reply = requests.post(f"{settings.STRIPE_API}/refunds", data=body, timeout=10)
    reply.raise_for_status()
"""
_OLD_END = "    return HttpResponse(status=204)\n"
HOOK_PAID = HOOK.removesuffix(_OLD_END) + PAID
HOOK_MOVED = HOOK_PAID.replace("Credit, Subscription\n", "Credit, Subscription\n" + NOTES)
HOOK_FIXED = HOOK_MOVED.replace("email=checkout.customer_details.email", "pk=checkout.client_reference_id")


class Push(NamedTuple):
    """What the author did, and the files as they stand after it."""

    did: str
    files: dict[str, str]


BASE = {"billing/views.py": VIEWS, "billing/webhooks.py": HOOK}
_FIRST = {"billing/views.py": VIEWS + BUY, "billing/webhooks.py": HOOK_PAID}
_SECOND = {**_FIRST, "billing/refunds.py": REFUNDS}
_THIRD = {**_SECOND, "billing/webhooks.py": HOOK_MOVED}
_FOURTH = {**_THIRD, "billing/webhooks.py": HOOK_FIXED, "billing/views.py": VIEWS + BUY_WITH_ID}
PUSHES = (
    Push("opens the pull request", _FIRST),
    Push("pushes refunds", _SECOND),
    Push("moves the code down", _THIRD),
    Push("takes the user's id", _FOURTH),
    Push("rebases on main and force-pushes", _FOURTH),
)
BODY = "People who signed in with Google can buy credit through a Stripe Payment Link."

REMARKS: tuple[dict[str, Any], ...] = (
    {
        "title": "The credit goes to whoever has the e-mail typed at Stripe",
        "body": "`prefilled_email` only fills Stripe's field; the payer can change it. Ana signs in as "
        "ana@example.com and pays with her work address: either nobody is found and she has paid for nothing, or "
        "another user is, and gets her credit.",
        "severity": "critical",
        "confidence": "certain",
        "category": "identity",
        "path": "billing/webhooks.py",
        "quote": "    user = User.objects.get(email=checkout.customer_details.email)",
        "fix": "Send `client_reference_id` with the payment link and look the user up by it.",
        "assumption": {
            "system_a": "Stripe Checkout",
            "system_b": "Google sign-in",
            "relies_on": "the e-mail typed at Stripe is that of the signed-in account",
            "guaranteed_by": None,
            "breaks_when": "the payer edits the address, or has two",
            "ask": "What should happen to a payment whose address belongs to nobody, or to somebody else?",
        },
    },
    {
        "title": "A payment in another currency is booked as cents of ours",
        "body": "`amount_total` is in the smallest unit of `checkout.currency`. A payment link that also takes yen "
        "books 2,000 yen as 20.00 of ours.",
        "severity": "medium",
        "confidence": "likely",
        "category": "units",
        "path": "billing/webhooks.py",
        "quote": '    Credit.objects.get_or_create(checkout=checkout.id, defaults={"user": user, '
        '"cents": checkout.amount_total})',
        "fix": None,
        "assumption": {
            "system_a": "Stripe Checkout",
            "system_b": "the credit ledger",
            "relies_on": "every payment is in the ledger's currency",
            "guaranteed_by": None,
            "breaks_when": "a second currency is switched on in Stripe's dashboard",
            "ask": "Is the payment link bound to one currency, and who would notice if that changed?",
        },
    },
    {
        "title": "A refund that timed out on Stripe's side is sent twice",
        "body": "A 5xx does not mean that nothing happened. The second POST carries no idempotency key, so Stripe may "
        "refund the charge again.",
        "severity": "high",
        "confidence": "certain",
        "category": "retries",
        "path": "billing/refunds.py",
        "quote": '        reply = requests.post(f"{settings.STRIPE_API}/refunds", data=body, timeout=10)',
        "fix": '```python\nheaders = {"Idempotency-Key": f"refund-{charge.pk}-{cents}"}\n```',
        "assumption": None,
    },
)
VOICES = {"ada": (0, 1, 2), "ben": (0, 1)}
"""Family to the remarks it makes."""


def scripts(push: Push, folder: Path) -> tuple[str, ...]:
    """Writes what each voice says of this push; the names of the scripted members."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for family, remarks in VOICES.items():
        said = [_draft(REMARKS[n], push) for n in remarks if REMARKS[n]["quote"] in push.files.get(_path(n), "")]
        answers = {
            lens: {"answer": {"findings": [draft for draft in said if _lens(draft) == lens], "could_not_judge": []}}
            for lens in ("architecture", "security", "assumptions")
        }
        file = folder / f"{family}.json"
        file.write_text(json.dumps({"family": family, "answers": answers}))
        names.append(f"scripted/{file}")
    return tuple(names)


def _path(remark: int) -> str:
    return str(REMARKS[remark]["path"])


def _lens(draft: dict[str, Any]) -> str:
    return "assumptions" if draft["assumption"] else "architecture"


def _draft(remark: dict[str, Any], push: Push) -> dict[str, Any]:
    text = push.files[remark["path"]]
    return {**remark, "side": "new", "line": text[: text.index(remark["quote"])].count("\n") + 1}
