"""The review as a person uses it: real pages, a real server and a real browser."""
