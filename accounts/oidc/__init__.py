"""Signing in with the hospital's identity: OpenID Connect, the authorization code with PKCE (decision 22).

`views` stand on `flow`, which asks the provider through `web` and believes what it says by `tokens`; `people` makes an
account and its roles of that. What is set stands in accounts/identity_provider.py.
"""

# In the session of who came by it: where the provider's own ends, and the token that it knows that by.
SIGN_OUT = "identity_provider_sign_out"
