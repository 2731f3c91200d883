"""What a reviewer looks at first when a screen has found a lead, and which honest reasons are common. For people; nothing
is computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from market.kernel.i18n import N_

ADVICE: Final[Mapping[str, str]] = {
    "price_steps": N_("Ask each bidder separately how it reckoned its price, and compare authors, times and slips of their files. Firms that apply one published fee table may come out in regular steps for an honest reason."),
    "spread_and_distance": N_("Ask the losers for their reckoning first: a cover bid has none of its own. Look whether the same firms met before. A winner with staff or results on the spot may well stand apart."),
    "narrow_spread": N_("Ask each bidder for its reckoning and compare the parts. Standard work with one published fee table may bring all prices together."),
    "equal_prices": N_("Compare the files of both, and where their entries came from. One published formula may give two firms the same amount."),
    "near_ceiling": N_("Look how the ceiling was set, and whether the same firms bid near ceilings elsewhere. A ceiling that is too low leaves no room, and that is no collusion."),
    "low_price": N_("Demand the written note on cost before the contract is signed, and hold hours, staff and equipment against it. Crews near the site or earlier results may explain a low price."),
    "shared_identity": N_("Compare licences and shareholders, and see where social insurance is paid for the people named. A shared office building, a bookkeeper's telephone or a namesake explains much of it."),
    "same_origin": N_("Ask both who handed the entry in, where and on whose device; look whether their files have one author. One building's network may explain an address, and hardly ever a device."),
    "pairs": N_("Read their bids project by project: who led, and by how much. Ask the one that loses why it goes on bidding. In a narrow trade the same few firms meet everywhere."),
    "always_loser": N_("Ask for the reckoning of two or three losing bids, and look whether the firm has the people and equipment for the work at all. A newcomer may lose often."),
    "phantom_pool": N_("Look whether these firms have offices, insured staff and work of their own, and who bears their costs. Small firms of one place may meet in many draws."),
    "empty_entries": N_("Ask why the firm signed up and then named no valid price, and look who gained each time. A price above the ceiling by mistake happens once, not every time."),
    "withdrawals": N_("Look who won after each withdrawal, and which grounds were given. The loss of a practitioner or an illness can be proved."),
    "win_odds": N_("Work the draws out again from their dossiers, then look whether several entrants belong together and so held more tickets than one firm. Among many firms one is always lucky."),
    "repeat_winner": N_("Compare scope, price and reasons of the selections, and whether others could take part. Work that continues earlier work on the same site may be a sound reason."),
    "tailored": N_("Hold each requirement against the work: which do law or task call for? While sign-up is open the owner can amend the notice. Rare special work has few providers."),
    "short_window": N_("Ask the owner why the work could not wait, and who had word of it before; look who came, and whether it is the same firm each time. While sign-up is open the owner can lengthen it. An emergency or a job that failed once may explain it."),
    "quiet_notice": N_("Look who signed up, and ask the owner why it published then. While sign-up is open the owner can lengthen it. Urgent work may explain it."),
    "direct_share": N_("Check the ground of each direct pick, and that its amount stays under the limit. Emergencies and small sums are lawful."),
    "splitting": N_("Lay site, time and content of the jobs beside each other: is it one job? Approvals of their own or other years may justify several."),
    "contract_price": N_("Compare the contract with the published result, and look for a change that both sides signed. A lawful change has an act of its own in the register."),
    "late_payment": N_("Ask the owner when it pays, and tell it of the interest. A delivery in dispute or an invoice that was returned is no delay."),
    "two_agencies": N_("See where social insurance is paid and where the person is registered. Whoever changes employer stands on two lists for some weeks."),
    "expert_marks": N_("Read the reasons beside the marks that stand apart, and look for ties to the winner. A reasoned minority opinion is no fault."),
}  # fmt: skip
