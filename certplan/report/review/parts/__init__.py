"""The parts of a review, each made of a judgement: what is in them, not how it looks."""
