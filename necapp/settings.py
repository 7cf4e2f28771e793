"""Settings, read from the environment and from `.env` beside manage.py; the defaults are those of a hospital's server.

docs/deploy.md lists the variables.
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from csp.constants import NONE, SELF
from environs import validate
from whitenoise.compress import Compressor

from .bodies import LARGER, OF_A_PAGE
from .environment import Environment, check_collector, check_database, check_mail
from .log_values import keep_values_out

BASE_DIR = Path(__file__).resolve().parent.parent

# A secret may stand in a file that a variable with _FILE behind its name names: SECRET_KEY_FILE.
env = Environment(strip_whitespace=True)
env.read_env(BASE_DIR / ".env", recurse=False)

SECRET_KEY = env.str("SECRET_KEY", validate=validate.Length(min=1, error="It is empty."))
DEBUG = env.bool("DEBUG", default=False)
if not DEBUG:
    keep_values_out()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=True)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)

INSTALLED_APPS = [
    "staff.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "necapp.staticfiles.StaticFilesConfig",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "simple_history",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "audit",
    "accounts",
    "regimens",
    "curation",
    "boards",
    "interop",
    "registries",
    "necapp.operations",
]

MIDDLEWARE = [
    "necapp.headers.Isolated",
    # Before all that looks at hosts, cookies and the database.
    "necapp.operations.middleware.Supervised",
    "necapp.operations.middleware.Numbered",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    # Before anything reads a body.
    "necapp.bodies.BodyLimits",
    # Around all that reads a cookie.
    "interop.middleware.Interfaces",
    # Around all that may sign somebody in or out.
    "audit.middleware.RequestAddress",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "necapp.languages.LanguageMiddleware",
    "necapp.characters.NoNul",
    "django.middleware.common.CommonMiddleware",
    "necapp.error_pages.PlainPages",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.oidc.middleware.AnsweredFor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.SignedIn",
    "necapp.pace.Pace",
    "axes.middleware.AxesMiddleware",
]

# Rankings a minute for an address of visitors without an account, in each worker; 0: as many as they like. The default
# is about what one processor ranks, so that a hospital behind one address is not held up: necapp/pace.py.
RANKINGS_A_MINUTE = env.int("RANKINGS_A_MINUTE", default=3000, validate=validate.Range(min=0))

# Where other systems call: what answers there reads no cookie and knows no form.
INTERFACES = ("/api/v1/", "/cds-services")
# Who may call the JSON API without a token: nobody, who reads the evidence base, or who ranks patients besides.
API_ANONYMOUS = env.str(
    "API_ANONYMOUS",
    default="rankings" if DEBUG else "none",
    validate=validate.OneOf(["none", "knowledge", "rankings"]),
)
# Whether a hospital's system has to show a signed token to be answered with cards: docs/interop.md.
CDS_REQUIRE_JWT = env.bool("CDS_REQUIRE_JWT", default=not DEBUG)

# The pages that take what was entered of a patient, by the names of their addresses.
SENT_A_PATIENT = ("patient", "compare", "trials", "boards:case-new")

ROOT_URLCONF = "necapp.urls"
WSGI_APPLICATION = "necapp.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "necapp.languages.languages",
                "accounts.context.account",
            ],
        },
    },
    # The answer of the page `/` alone, by its name: templates/answer/.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "regimens.jinja.environment"},
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

if not env.str("DATABASE_URL", default=""):
    (BASE_DIR / "var").mkdir(exist_ok=True)
DATABASES = {"default": env.dj_db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'necapp.sqlite3'}")}
check_database(DATABASES["default"])
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A writer takes its lock at once and waits for the one before it; readers are never in its way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Nobody waits for ever for a database that is away, hangs, or is kept by another. A server that answers pages ends
    # its statements besides (necapp/wsgi.py); commands take their time.
    DATABASES["default"]["PASSWORD"] = env.str("DATABASE_PASSWORD", default=DATABASES["default"].get("PASSWORD", ""))
    STATEMENT_SECONDS = env.int("STATEMENT_SECONDS", default=30 if env.bool("SERVES_PAGES", default=False) else 0)
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        "options": f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout=20s"
        " -c idle_in_transaction_session_timeout=120s",
        **DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts: decision 13. Whoever signs in has a second factor, but on a developer's machine.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=not DEBUG)
# With what the seeds of the apps are encrypted: the first seals, all open. accounts/seeds.py
SEED_KEYS = env.str("SEED_KEY", default="").replace(",", " ").split()
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.SecondFactorBackend",
    "accounts.backends.IdentityBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
] + [{"NAME": "accounts.passwords.BreachedPasswordValidator"}]
# A file of SHA-1 in order, as Pwned Passwords are given out; without it there is the list inside the app.
BREACHED_PASSWORDS = env.str("BREACHED_PASSWORDS", default="")
# Of the hospital: its names, town, departments and systems. A password that is made of them is soon guessed.
PASSWORD_WORDS = env.list("PASSWORD_WORDS", default=[])
# The hospital's identity provider, by OpenID Connect: decision 22, docs/deploy.md. Without it people sign in here.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_SCOPES = env.str("OIDC_SCOPES", default="openid profile email").split()
OIDC_USERNAME_CLAIM = env.str("OIDC_USERNAME_CLAIM", default="preferred_username")
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", default="groups")
OIDC_ROLES = env.json("OIDC_ROLES", default={})
OIDC_REQUIRED_ACR = env.list("OIDC_REQUIRED_ACR", default=[])
OIDC_REQUIRED_AMR = env.list("OIDC_REQUIRED_AMR", default=[])
OIDC_SECOND_FACTOR = env.str("OIDC_SECOND_FACTOR", default="provider", validate=validate.OneOf(["provider", "necapp"]))
OIDC_MAX_AGE = env.int("OIDC_MAX_AGE", default=1200) if env.str("OIDC_MAX_AGE", default="1200") else None
OIDC_USERINFO = env.bool("OIDC_USERINFO", default=False)
OIDC_ORIGINS = env.list("OIDC_ORIGINS", default=[])
OIDC_CERTIFICATES = env.str("OIDC_CERTIFICATES", default="")
OIDC_BREAK_GLASS = env.list("OIDC_BREAK_GLASS", default=[])

LOGIN_URL, LOGIN_REDIRECT_URL = "sign-in", "patient"
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # of links with which a password is set
OTP_TOTP_ISSUER = "necapp"
OTP_TOTP_SYNC = False  # who types slowly has no slow clock

# A session ends after 20 idle minutes, and in any case after a working day; two minutes before, the page says so. What
# was typed is kept by the page for half an hour more, hidden, for the one who signs in again.
SESSION_ENGINE = "accounts.sessions"
SESSION_IDLE_SECONDS = 20 * 60
SESSION_WARN_SECONDS = 2 * 60
SESSION_KEEP_SECONDS = 30 * 60
SESSION_LONGEST_SECONDS = SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# Five failures of a user name from an address, of the password or of the code, lock both out together for a while.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = AXES_DISABLE_ACCESS_LOG = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = AXES_ENABLE_ADMIN = AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "audit.middleware.address_of"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_out"

# Without a server for e-mail, whoever invites a person hands over the link.
EMAIL_URL = env.str("EMAIL_URL", default="", validate=check_mail)
if EMAIL_URL:
    vars().update(env.dj_email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 10
# Where the app is found, for links in mail and calendars.
PUBLIC_URL = env.str(
    "PUBLIC_URL", default=f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0] if ALLOWED_HOSTS else 'localhost:8000'}"
)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="necapp@localhost")

# The sources are in British English; a browser that asks for any kind of one of these languages gets that language.
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=BASE_DIR / "var" / "static")
# Swagger UI comes with django-ninja, which is found and not imported: only who calls the API needs it.
STATICFILES_DIRS = [BASE_DIR / "static", ("ninja", Path(find_spec("ninja").origin).parent / "static" / "ninja")]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Maps of sources are for who debugs them; compressing Swagger UI's would take most of the time.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]

# What FHIR says was at work; the version in pyproject.toml.
VERSION = "0.2.0"

# A hospital's own codes, a YAML file laid over those of interop/terminology/ and checked at start: docs/interop.md.
INTEROP_LOCAL_CODES = env.str("INTEROP_LOCAL_CODES", default="")
# The hospital's systems that may ask, or be asked: a YAML file, checked at start. Without it there are none.
INTEROP_CLIENTS = env.str("INTEROP_CLIENTS", default="")

# Surveillance (docs/surveillance.md): whether `manage.py survey` may ask the sources, which hosts, and how many seconds
# a search may take. Without the first, files alone are read; no page asks anything anyhow.
SURVEY_ONLINE = env.bool("SURVEY_ONLINE", default=False)
SURVEY_HOSTS = env.list("SURVEY_HOSTS", default=["eutils.ncbi.nlm.nih.gov", "clinicaltrials.gov"])
SURVEY_SECONDS = env.int("SURVEY_SECONDS", default=300, validate=validate.Range(min=1, max=3600))
# Anything larger is refused unread (necapp/bodies.py); no file that is sent is ever written to a disk.
DATA_UPLOAD_MAX_MEMORY_SIZE = OF_A_PAGE
FILE_UPLOAD_MAX_MEMORY_SIZE = max(LARGER.values())  # beyond it Django would leave a file out, and say nothing
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# A publication's form in the admin has forty fields for each cohort.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# A strict policy: everything comes from the app itself, nothing is inline. Bootstrap's arrows are data: images.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
# Under HTTPS a browser takes a cookie of such a name from this host alone, over HTTPS alone: no other host, and nobody
# in between who answers for HTTP, plants one. Sessions under the former name end with the update.
HOST_COOKIE = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{HOST_COOKIE}sessionid", f"{HOST_COOKIE}csrftoken"
LANGUAGE_COOKIE_NAME, REGION_COOKIE_NAME = f"{HOST_COOKIE}django_language", f"{HOST_COOKIE}region"
MESSAGE_STORAGE = "necapp.cookies.Messages"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = REGION_COOKIE_SECURE = HTTPS
SMART_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Strict"
# Who comes back from a hospital's sign-in brings it along; otherwise a new one would spoil the forms of other tabs.
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
CSRF_FAILURE_VIEW = "necapp.error_pages.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
# A system that calls by plain HTTP has sent its token and a patient already: it is refused, and so finds out.
SECURE_REDIRECT_EXEMPT = [rf"^{path.strip('/')}" for path in INTERFACES]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# To standard error alone: no report carries a request's body, so no patient's data, anywhere.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
            **({} if DEBUG else {"class": "necapp.operations.logs.Line"}),
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "axes": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},  # else each address that is asked
        "matplotlib": {"level": "WARNING"},
    },
}

# How the service is seen to be well: decision 25. Who asks for metrics shows this token; without one there are none.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Lines for people, or JSON for a collector: necapp/operations/logs.py.
LOG_FORMAT = env.str("LOG_FORMAT", default="line", validate=validate.OneOf(["line", "json"]))
if LOG_FORMAT == "json":
    LOGGING["formatters"]["line"] = {"()": "necapp.operations.logs.json_formatter"}
# A line of JSON for each event of the audit trail: to standard error ("-"), or to a collector, syslog://host:514.
SECURITY_LOG = env.str("SECURITY_LOG", default="", validate=check_collector)
# What each request was answered with is told in JSON alone.
LOGGING["loggers"]["necapp.request"] = {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"}
LOGGING["formatters"]["message"] = {"format": "{message}", "style": "{"}
LOGGING["handlers"]["security"] = {
    "()": "necapp.operations.logs.security_handler",
    "to": SECURITY_LOG,
    "formatter": "message",
}
LOGGING["loggers"]["necapp.security"] = {
    "handlers": ["security"],
    "level": "INFO" if SECURITY_LOG else "CRITICAL",
    "propagate": False,
}
