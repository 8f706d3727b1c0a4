"""The part of docs/benchmarks.md that explains the method."""

METHOD = """## How it is measured

- **Offers** are generated from a seed: as many companies as fifteen times the root of their number and eighteen roles
  with their skills, common and rare by a power law; towns by population; French texts of about 160 words from a grammar
  of our own, whose names and numbers give the long tail that real texts have; ages spread over 60 days, which is also
  how long an offer lives, so that offers expire while requests are measured. 15 % are closed, expired or drafts.
- **The site** is served by gunicorn with the project's configuration (two workers of four threads; restarting workers
  after so many requests is turned off), in production mode, beside the process that follows the database. Database,
  client and follower share the machine's cores with it. PostgreSQL has the server's own configuration and is reached
  through a TCP connection; its connections prepare repeated statements (`DATABASE_PREPARED_STATEMENTS`).
- **The bare view** is served the same way, in the same run: a Django view with the middleware of `startproject`, which
  renders a template (base template, a loop, about one value in a hundred bytes) into as many bytes as the case's page
  has, without a database.
- **Requests** come from one thread over keep-alive connections, as many to each worker; a connection sends the next
  request after each response. Blocks of half a second alternate between site and bare view, the order turned each time.
  A ratio is that of a pair of blocks; the tables show the median of all pairs. Times (p50, p95, p99, in ms) are those
  with two connections. The last column compares databases by these ratios, since each was measured in a run of its own.
- **URLs** vary (up to 400 different words, towns and filters, drawn by seed), and each request has a parameter of its
  own that the site ignores, so that no cached response is measured; a case of its own measures popular searches, which
  are cached. Counts beside the choices of a search are cached all the same, for its other pages and orders, until the
  next day or change: of the cases with few different searches (page 50, a common word) most requests use them, of the
  others with hundreds few do. The home page, the first page of the list, role pages and the fifty newest offers are
  popular: every worker has rendered them before; the first reading of an offer is a case of its own. Offers expire by
  the clock, and each expiry invalidates cached pages: at a million offers every few seconds.
- **The mix** has a fifth each of the home page, the first page of the list, role pages, the fifty newest offers and
  twenty popular searches. With one edit a second, the highlights of a published offer change, of a new one more often
  than of an old one, in blocks of two seconds.
- **SQL** is the number of queries of a request: of the first for a page, then of the second where that differs.
"""
