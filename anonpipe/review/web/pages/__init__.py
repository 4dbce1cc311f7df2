"""The pages: each module has `routes: list[Route]`; `WORDS` if it says something; and `NAV`, an
address and the key of its name, if it belongs into the main menu.
"""
