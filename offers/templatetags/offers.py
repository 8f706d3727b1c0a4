"""Template filters for the labels of offers."""

from django import template
from django.template.defaultfilters import stringfilter

from jobboard.text.web_urls import web_host
from offers.models import labels, title

register = template.Library()

register.filter("pay", labels.pay_label)
register.filter("pay_unit", labels.pay_unit_label)
register.filter("remote", labels.remote_label)
register.filter("short_remote", labels.short_remote_label)
register.filter("level", labels.level_label)
register.filter("stated_facts", labels.stated_facts)
register.filter("offers", labels.offer_count_label)
register.filter("gender_mark", title.gender_mark)
register.filter("with_gender_mark", stringfilter(title.with_gender_mark), is_safe=True)
register.filter("web_host", web_host)
