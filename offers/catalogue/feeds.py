"""Offers as RSS 2.0, Atom and JSON Feed 1.1."""

import json
import re
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed

from jobboard.jinja2 import render_macro
from offers.models import Offer
from offers.models.title import with_gender_mark
from offers.ordering import day_start

# Characters that XML 1.0 forbids even as references.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class RssFeed(Rss201rev2Feed):
    content_type = "application/rss+xml; charset=utf-8"


class AtomFeed(Atom1Feed):
    content_type = "application/atom+xml; charset=utf-8"


class JsonFeed(SyndicationFeed):
    """JSON Feed 1.1: https://www.jsonfeed.org/version/1.1/"""

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


FORMATS: dict[str, type[SyndicationFeed]] = {"rss": RssFeed, "atom": AtomFeed, "json": JsonFeed}


def render_feed(
    feed_format: str, offers: list[Offer], *, title: str, description: str, page: str, path: str, updated_at: datetime
):
    """Return the feed of `offers`, with `version_at`, in one of FORMATS, as text. Its dates are cut to the day.

    `page` is the path of the search, `path` that of the feed.
    """

    class DatedFeed(FORMATS[feed_format]):
        def latest_post_date(self):
            # Django uses the current time for an empty feed, which would change the ETag of every response.
            return updated_at

    feed = DatedFeed(
        title=_writable(title),
        link=settings.SITE_URL + page,
        description=_writable(description),
        language="fr",
        feed_url=settings.SITE_URL + path,
    )
    for offer in offers:
        feed.add_item(
            title=_writable(_title(offer)),
            link=settings.SITE_URL + offer.get_absolute_url(),
            description=_writable(_content(offer)),
            author_name=_writable(offer.employer_line),
            # Without the slug, which changes with the title.
            unique_id=f"{settings.SITE_URL}{reverse('catalogue:list')}{offer.pk}/",
            unique_id_is_permalink=False,
            pubdate=day_start(offer.published_at),
            updateddate=day_start(changed_at(offer)),
            categories=[offer.get_contract_display()],
        )
    return feed.writeString("utf-8")


def changed_at(offer: Offer) -> datetime:
    """Return the datetime of the last change that readers see: publication or a new version.

    Not `updated_at`: confirming several offers at once gives them neighbouring values.
    """
    return max(offer.published_at, offer.version_at or offer.published_at)


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _title(offer: Offer) -> str:
    return ", ".join(
        filter(None, [with_gender_mark(offer.title), offer.employer_line, offer.place and str(offer.place)])
    )


def _content(offer: Offer) -> str:
    return render_macro("catalogue/feed.html", "content", offer)
