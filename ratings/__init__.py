"""How work was done, and what follows from it: evaluations | decisions › credit › lists."""
