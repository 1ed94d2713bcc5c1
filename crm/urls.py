from django.urls import path

app_name = "crm"

board = []
leads = []
imports = []

urlpatterns = [*board, *leads, *imports]
