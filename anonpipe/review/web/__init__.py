"""The review in the browser: pages that this machine serves to itself.

Adding a page is adding a module to `pages`, with `routes` and, if it has words, `WORDS`.
`security` decides who gets anything at all, `handling` has what every page needs.
"""
