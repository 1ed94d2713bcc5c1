import os

from django.core.asgi import get_asgi_application

from clinics.uploads import refuse_floods

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = refuse_floods(get_asgi_application())
