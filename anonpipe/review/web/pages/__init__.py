"""The pages: each module has `routes: list[Route]`; `WORDS` if it says something; and `NAV`, if
it belongs into the main menu: its place there, its address and the key of its name.
"""
