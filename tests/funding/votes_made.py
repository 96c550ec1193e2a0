"""Invented votes of which the truth is known."""

import numpy as np

from funding.ranking import votes_of


def made(seed, *, proposals=30, reviewers=10, votes=4, panels=1, severity=0.6, noise=0.7):
    """Return votes in halves from 0 to 5, and the true quality of each proposal.

    Reviewers and proposals are dealt to panels in turn; panels differ as much as reviewers do.
    """
    chance = np.random.default_rng(seed)
    quality = chance.normal(0, 0.8, proposals)
    of_reviewers = chance.normal(0, severity, reviewers)
    of_panels = chance.normal(0, severity, panels) * (panels > 1)
    rows = []
    for proposal in range(proposals):
        panel = proposal % panels
        for judge in chance.choice(np.arange(panel, reviewers, panels), votes, replace=False):
            exact = 2.5 + quality[proposal] + of_panels[panel] + of_reviewers[judge]
            score = np.clip(np.round(2 * (exact + chance.normal(0, noise))) / 2, 0, 5)
            rows.append((panel, proposal, judge, score))
    return votes_of(rows)[0], quality
