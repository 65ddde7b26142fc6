/* SPDX-License-Identifier: MIT */
/*
 * download.c - one file over HTTPS, into a stream that may hold its start.
 */
#define _GNU_SOURCE
#include "inputs/download.h"

#include "terminal/failure.h"
#include "terminal/console.h"
#include "terminal/progress.h"

#ifdef EXPCLIP_HAVE_CURL

#include "terminal/stop.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum {
    CONNECT_SECONDS = 30,
    STALL_SECONDS = 60, /* at less than STALL_BYTES per second */
    STALL_BYTES = 1000,
    REDIRECTS_MAX = 5,
    HTTP_RANGE_NOT_SATISFIABLE = 416
};

static const curl_off_t size_max = (curl_off_t)16 << 30; /* of a file, bytes */

typedef struct transfer {
    FILE *f;
    curl_off_t start; /* bytes that were there */
    progress bar;
    int write_error; /* errno */
    int too_large;
} transfer;

/* ------------------------------------------------------------------------
 * Where we may go
 */

static int is_here(const char *host)
{
    static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(host, names[i]) == 0)
            return 1;
    return 0;
}

/** The only protocol that `url` may be fetched with, or NULL. */
static const char *protocol_for(const char *url)
{
    CURLU *u = curl_url();
    char *scheme = NULL;
    char *host = NULL;
    const char *protocol = NULL;

    if (u && !curl_url_set(u, CURLUPART_URL, url, 0) &&
        !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) &&
        !curl_url_get(u, CURLUPART_HOST, &host, 0)) {
        if (strcmp(scheme, "https") == 0)
            protocol = "https";
        else if (strcmp(scheme, "http") == 0 && is_here(host))
            protocol = "http";
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(u);
    return protocol;
}

static void allow_protocol(CURL *curl, const char *protocol)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocol);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
    const long allowed =
        strcmp(protocol, "https") == 0 ? CURLPROTO_HTTPS : CURLPROTO_HTTP;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, allowed);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
}

/* ------------------------------------------------------------------------
 * What libcurl calls
 */

static size_t on_bytes(char *data, size_t size, size_t n, void *user)
{
    transfer *t = user;
    const size_t written = fwrite(data, size, n, t->f);

    if (written < n)
        t->write_error = errno;
    return written * size;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now,
                       curl_off_t up_total, curl_off_t up_now)
{
    transfer *t = user;

    (void)up_total;
    (void)up_now;
    if (total > 0)
        t->bar.total = (double)(total + t->start);
    progress_show(&t->bar, (double)(now + t->start));
    t->too_large = now + t->start > size_max;
    return stop_wanted() || t->too_large; /* not 0 ends the transfer */
}

/* ------------------------------------------------------------------------
 * Fetching
 */

static CURLcode fetch(CURL *curl, transfer *t, char *reason)
{
    CURLcode code;

    fseeko(t->f, 0, SEEK_END);
    t->start = (curl_off_t)ftello(t->f);
    progress_start(&t->bar, "B", 0);
    reason[0] = '\0';
    curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, t->start);
    code = curl_easy_perform(curl);
    progress_hide(&t->bar);
    return code;
}

static int report(CURLcode code, const transfer *t, const char *url,
                  const char *reason)
{
    if (stop_wanted()) {
        console_error("stopped; the same command continues from here");
        return EXIT_RESOURCES;
    }
    if (t->write_error) {
        console_error("cannot write the download: %s",
                      strerror(t->write_error));
        return EXIT_RESOURCES;
    }
    if (t->too_large)
        reason = "more than 16 GiB, which no published file has";
    console_error("%s: %s", url, reason[0] ? reason : curl_easy_strerror(code));
    return EXIT_SOME_FAILED;
}

/** Trust as the curl program does where its environment says otherwise. */
static void set_trust(CURL *curl)
{
    const char *bundle = getenv("CURL_CA_BUNDLE");
    const char *folder = getenv("SSL_CERT_DIR");
    const char *file = getenv("SSL_CERT_FILE");

    if (bundle && *bundle) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, bundle);
        return;
    }
    if (folder && *folder)
        curl_easy_setopt(curl, CURLOPT_CAPATH, folder);
    if (file && *file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, file);
}

static long stall_seconds(void)
{
    const char *text = getenv("EXPCLIP_PULL_STALL");
    const long seconds = text ? strtol(text, NULL, 10) : 0;

    return seconds > 0 && seconds <= 86400 ? seconds : STALL_SECONDS;
}

static void set_options(CURL *curl, transfer *t, const char *url,
                        const char *protocol, char *reason)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "expclip/" EXPCLIP_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, stall_seconds());
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, size_max);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    set_trust(curl);
    allow_protocol(curl, protocol);
}

/** Could the server not go on from the middle, or is there nothing behind it?
 * Then what is here is not the start of its file. */
static int must_start_anew(CURL *curl, CURLcode code, const transfer *t)
{
    long answer = 0;

    if (code == CURLE_RANGE_ERROR)
        return 1;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    return t->start > 0 && answer == HTTP_RANGE_NOT_SATISFIABLE;
}

int download(FILE *f, const char *url)
{
    char reason[CURL_ERROR_SIZE];
    transfer t = { .f = f };
    const char *protocol = protocol_for(url);
    CURL *curl;
    CURLcode code;

    if (!protocol) {
        console_error("%s: only https is fetched (http from this machine)",
                      url);
        return EXIT_USAGE;
    }
    curl = curl_easy_init();
    if (!curl) {
        console_error("libcurl cannot start");
        return EXIT_RESOURCES;
    }
    set_options(curl, &t, url, protocol, reason);
    code = fetch(curl, &t, reason);
    if (must_start_anew(curl, code, &t) && ftruncate(fileno(f), 0) == 0)
        code = fetch(curl, &t, reason);
    curl_easy_cleanup(curl);
    if (!code && fflush(f)) {
        t.write_error = errno;
        code = CURLE_WRITE_ERROR;
    }
    return code ? report(code, &t, url, reason) : 0;
}

#else

int download(FILE *f, const char *url)
{
    (void)f;
    console_error("this expclip was built without libcurl; fetch it yourself:"
                  " %s",
                  url);
    return EXIT_SOME_FAILED;
}

#endif
