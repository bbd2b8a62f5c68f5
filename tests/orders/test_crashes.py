"""Whatever is killed at whatever moment: nothing is lost, and nothing happens twice.

Real processes: a worker as the Procfile starts it, PostgreSQL and Valkey of its own, two gateways
that speak HTTP and hold the truth. The seed of a run is printed; KAIU_CRASH_SEED repeats its dice.
"""

import os
import random
import secrets
import threading
from collections import Counter

from . import crashing, crashing_shop

# Deaths in the midst of work, and how many lives there are to get there.
KILLS, MOST_LIVES = 10, 20
# Longer than any claim, so that what a killed worker had comes due again.
PAUSE = "3 minutes"
# What was asked about in vain again and again is asked about less and less often.
LATER = ("6 hours", "30 hours")
# Seconds on a busy machine; a gateway is waited for no longer than ten.
_LONGEST_TASK = 45
_TOLD = {"APPROVED": "approved", "DECLINED": "declined", "VOIDED": "voided"}


def test_the_clock_queues_what_this_test_queues(settings):
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled >= {*crashing.SWEEPERS, *crashing.NIGHTLY}


def test_nothing_is_lost_and_nothing_happens_twice(migrated_data):
    seed = int(os.environ.get("KAIU_CRASH_SEED") or secrets.randbelow(1_000_000))
    print(f"KAIU_CRASH_SEED={seed}")  # noqa: T201 (shown beside a failure)
    chance = random.Random(seed)
    with crashing.installed(chance, migrated_data) as (shop, wompi, stripe, restlessness):
        placed = shop.call("place")
        pay(placed, wompi, stripe)
        shop.call("arrange", placed=placed)
        # Tasks are a hurry: from here on rows alone must be enough.
        shop.broker.flushall()

        day = Day(shop, restlessness, chance)
        day.be_killed(lambda: finish_pending(wompi))
        day.recover()

        assert shop.waiting() == []
        found = shop.call("found")
        check_orders(placed, found)
        check_stock(found)
        check_gateways(found, wompi, stripe)
        check_mails(found, day.uncertain)


# --- The gateways' truth --------------------------------------------------------------------------


def pay(placed, wompi, stripe):
    """Let every buyer do at the gateway what the order's kind says, and keep the notices."""
    for told in placed:
        if told.get("provider") == "wompi":
            pay_at_wompi(told, wompi)
        elif told.get("provider") == "stripe":
            stripe.pay(told["session"])
            if told["kind"].startswith("notice"):
                session = stripe.sessions[told["session"]]
                keep(told, stripe.event("checkout.session.completed", session))


def pay_at_wompi(told, wompi):
    kind, amount = told["kind"], told["amount"]
    if kind == "never paid":
        return
    if kind == "paid another amount":
        amount -= 100
    status = {"declined": "DECLINED", "in progress for long": "PENDING"}.get(kind, "APPROVED")
    means = "PSE" if kind.endswith("by hand") else "CARD"
    paid = wompi.pay(told["reference"], amount, status, payment_method_type=means)
    if kind == "reversed by the gateway":
        keep(told, wompi.event(paid))
        wompi.change(paid, "VOIDED")
    if not kind.startswith(("notice lost", "in progress")):
        # The newest first.
        keep(told, wompi.event(paid), position=0)


def keep(told, notice, *, position=-1):
    headers, body = notice
    told["notices"].insert(position, (headers, body.decode()))


def finish_pending(wompi):
    """Let the payments in progress succeed, and tell nobody."""
    for transaction in wompi.transactions.values():
        if transaction["status"] == "PENDING":
            transaction["status"] = "APPROVED"


# --- A day on which everything is killed ----------------------------------------------------------


class Day:
    def __init__(self, shop, restlessness, chance):
        self.shop, self.restlessness, self.chance = shop, restlessness, chance
        # How many tasks each killed worker was at.
        self.interrupted = []
        # Mails that may leave once more: their worker was killed around the moment of sending.
        self.uncertain = set()

    def be_killed(self, at_half_time):
        """Kill worker after worker in the midst of its work, and both servers in between."""
        self.restlessness.is_on = True
        while sum(map(bool, self.interrupted)) < KILLS:
            assert len(self.interrupted) < MOST_LIVES, f"Not enough to do: {self.interrupted}"
            number = len(self.interrupted)
            if number == KILLS // 2:
                at_half_time()
            self.live_and_die({3: self.shop.crash_database, 6: self.shop.crash_broker}.get(number))
        self.restlessness.is_on = False
        print(f"Tasks that died with each worker: {self.interrupted}")  # noqa: T201

    def live_and_die(self, crash):
        worker = self.shop.start_worker()
        self.work_a_while()
        if crash:
            crash()
            self.work_a_while()
        self.interrupted.append(self.shop.kill_worker(worker))
        self.let_time_pass(PAUSE)

    def work_a_while(self):
        """Return at a random moment of the work on a random request to a gateway."""
        self.restlessness.arm(self.chance.randint(2, 14))
        self.shop.sweep()
        self.wait_for_rest(until=self.restlessness.struck.is_set)
        threading.Event().wait(self.chance.uniform(0, 0.08))

    def recover(self):
        """Let one worker see both servers crash and go on, until everything is done."""
        assert self.shop.hand_out_again()
        worker = self.shop.start_worker()
        for crash in (self.shop.crash_database, self.shop.crash_broker):
            self.work_a_while()
            crash()
        self.run_dry(worker)
        for pause in LATER:
            self.let_time_pass(pause)
            self.run_dry(self.shop.start_worker(), at_night=True)

    def run_dry(self, worker, *, at_night=False):
        self.shop.sweep(at_night=at_night)
        self.wait_for_rest()
        self.shop.end_worker(worker)

    def wait_for_rest(self, *, until=lambda: False):
        """Wait until no task is left, or until that holds.

        What is held for longer than any task takes was done, and its receipt was lost with the
        broker that crashed. A queue that nobody empties stays a failure.
        """
        if not self.shop.comes_to_rest(until=until, seconds=_LONGEST_TASK):
            assert self.shop.has_only_lost(), self.shop.standstill()
            self.shop.give_back_lost()
            assert self.shop.comes_to_rest(until=until, seconds=_LONGEST_TASK), (
                self.shop.standstill()
            )

    def let_time_pass(self, amount):
        self.uncertain |= self.shop.mails_between()
        self.shop.pass_time(amount)


# --- What became of it ----------------------------------------------------------------------------


def check_orders(placed, found):
    """Every order ended as its kind says, with every step of its life taken once."""
    meant = [
        (told["order"], told["kind"], list(state), timeline)
        for told in placed
        for state, timeline in [crashing_shop.MEANT[told["kind"]]]
    ]
    ended = [
        (order["order"], order["kind"], order["state"], order["timeline"])
        for order in found["orders"]
    ]
    assert sorted(ended, key=str) == sorted(meant, key=str)
    for order in found["orders"]:
        assert order["refunds"] == sorted(refunds_of(order)), order["kind"]
        told = order["told"]
        assert told["paid"] - told["refunded"] == order["held"], order["kind"]
    assert found["notices"] == sum(len(told["notices"]) for told in placed)
    assert found["notices waiting"] == []


def refunds_of(order):
    kind, total = order["kind"], order["total"]
    if kind == "cancelled, to be voided":
        return [["gateway_void", "done", total]]
    if kind == "cancelled, to be sent back by hand":
        return [["manual_transfer", "requested", total]]
    if kind == "given back in two parts":
        return [["gateway_refund", "done", part] for part in crashing_shop.parts(total)]
    return []


def check_stock(found):
    """What was sold left the shelf once, and nothing is promised any more."""
    left = {"LAVANDA": crashing_shop.OPENING, "ULTIMAS": 2}
    for order in found["orders"]:
        state, timeline = crashing_shop.MEANT[order["kind"]]
        is_sold = state[0] == "confirmed"
        left[order["sku"]] -= order["quantity"] if is_sold else 0
        assert order["moved"] == (-order["quantity"] if is_sold else 0), order["kind"]
        # Sold, and put back when it was cancelled after.
        assert order["movements"] == timeline.get("confirmed", 0) * (1 if is_sold else 2)
        assert order["counted"] == timeline.get("confirmed", 0), order["kind"]
    assert found["levels"] == {sku: [on_hand, 0] for sku, on_hand in left.items()}
    assert found["differences"] == []


def check_gateways(found, wompi, stripe):
    """Each transaction is one row, and each refund was made by its gateway once."""
    told = [
        [paid["id"], paid["reference"], _TOLD[paid["status"]]]
        for paid in wompi.transactions.values()
    ]
    told += [
        [intent["id"], intent["metadata"]["reference"], "approved"]
        for intent in stripe.intents.values()
    ]
    assert found["transactions"] == sorted(told)
    amounts = [
        part
        for order in found["orders"]
        for method, status, part in order["refunds"]
        if (method, status) == ("gateway_refund", "done")
    ]
    assert sorted(amounts) == sorted(made["amount"] for made in stripe.refunds.values())
    wishes = Counter(made["metadata"]["refund"] for made in stripe.refunds.values())
    assert set(wishes.values()) == {1}


def check_mails(found, uncertain):
    """Every mail left, and only those in whose midst a worker was killed left twice.

    Then both have the same Message-ID, and a mailbox shows one.
    """
    assert {status for _event, status in found["mails wanted"]} == {"sent"}
    sent = Counter(found["mails"])
    assert set(sent) == {event for event, _status in found["mails wanted"]}
    assert {event for event, times in sent.items() if times > 1} <= uncertain
