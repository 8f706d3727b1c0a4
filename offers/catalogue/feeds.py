"""Offers as RSS 2.0, Atom and JSON Feed 1.1: what a reader of feeds is given of each."""

import json
import re
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed

from jobboard.jinja2 import render_macro
from offers.models import Offer

# What XML 1.0 has no way to write, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class RssFeed(Rss201rev2Feed):
    content_type = "application/rss+xml; charset=utf-8"


class AtomFeed(Atom1Feed):
    content_type = "application/atom+xml; charset=utf-8"


class JsonFeed(SyndicationFeed):
    """https://www.jsonfeed.org/version/1.1/"""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile, encoding):
        feed = self.feed
        outfile.write(
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": feed["title"],
                    "description": feed["description"],
                    "home_page_url": feed["link"],
                    "feed_url": feed["feed_url"],
                    "language": feed["language"],
                    "items": [self._item(item) for item in self.items],
                },
                ensure_ascii=False,
                indent=1,
            )
        )

    @staticmethod
    def _item(item) -> dict:
        return {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "content_html": item["description"],
            "date_published": item["pubdate"].isoformat(timespec="seconds"),
            "date_modified": item["updateddate"].isoformat(timespec="seconds"),
            "authors": [{"name": item["author_name"]}],
            "tags": [str(tag) for tag in item["categories"]],
        }


FORMS: dict[str, type[SyndicationFeed]] = {"rss": RssFeed, "atom": AtomFeed, "json": JsonFeed}


def write(form: str, offers: list[Offer], *, title: str, description: str, page: str, address: str, dated: datetime):
    """The feed of `offers` in one of FORMS, as text. `page` is what it follows and `address` its own, as paths.

    `dated` is when what it shows last changed.
    """

    class Dated(FORMS[form]):
        def latest_post_date(self):
            # The library's own takes the present for a feed without offers: no two answers would be alike.
            return dated

    feed = Dated(
        title=_writable(title),
        link=settings.SITE_URL + page,
        description=_writable(description),
        language="fr",
        feed_url=settings.SITE_URL + address,
    )
    for offer in offers:
        feed.add_item(
            title=_writable(_title(offer)),
            link=settings.SITE_URL + offer.get_absolute_url(),
            description=_writable(_content(offer)),
            author_name=_writable(offer.employer_line),
            # Without the title, which may be corrected: the same for as long as the offer exists.
            unique_id=f"{settings.SITE_URL}{reverse('catalogue:list')}{offer.pk}/",
            unique_id_is_permalink=False,
            pubdate=offer.published_at,
            updateddate=max(offer.updated_at, offer.published_at),
            categories=[offer.get_contract_display()],
        )
    return feed.writeString("utf-8")


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _title(offer: Offer) -> str:
    return ", ".join(filter(None, [f"{offer.title} (H/F)", offer.employer_line, offer.place and str(offer.place)]))


def _content(offer: Offer) -> str:
    return render_macro("catalogue/feed.html", "content", offer)
