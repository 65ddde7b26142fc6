/* SPDX-License-Identifier: MIT */
/*
 * pull.c - expclip pull: fetches published weights into the cache, where
 * --model and --head find them by name. Nothing else in expclip uses a network.
 *
 * A download grows in FILE.part, which a later run goes on with, and gets its
 * name when its digest is the published one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inputs/digest.h"
#include "inputs/download.h"
#include "options/model_settings.h"
#include "options/options.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/json_line.h"

typedef struct pull_settings {
    const char *url;
    const char *sha256;
    const char *git_blob;
    const char *output;
    int32_t list;
    int32_t json;
} pull_settings;

static const pull_settings defaults = { .url = NULL };

static const command_option options[] = {
    OPT_HEADING("What to fetch"),
    OPT_FLAG(pull_settings, list, "list", 0,
             "Print the names, their addresses, digests and terms."),
    OPT_TEXT(pull_settings, url, "url", 0, "URL",
             "Fetch this file instead of a name. Requires -o and one of "
             "--sha256 and --git-blob."),
    OPT_TEXT(pull_settings, sha256, "sha256", 0, "HEX",
             "The SHA-256 that the file must have."),
    OPT_TEXT(pull_settings, git_blob, "git-blob", 0, "HEX",
             "The id that the file must have in a git repository."),
    OPT_TEXT(pull_settings, output, "output", 'o', "FILE",
             "The file to write. Default: a file in the cache, which is "
             "$EXPCLIP_CACHE or ~/.cache/expclip"),
    OPT_RESULTS(pull_settings, json, "json",
                "Describe the file as a JSON object."),
    OPT_END,
};

/** A file that somebody published. */
typedef struct published {
    const char *name;
    const char *base;
    const char *path; /* behind the base; its last part is the file's name */
    digest_kind kind;
    const char *digest;
    const char *terms;
} published;

/* OpenAI publishes the SHA-256 in the path (CLIP's clip/clip.py, _MODELS). */
#define OPENAI_MODEL(name, file, sha256)                                       \
    {                                                                          \
        name, "https://openaipublic.azureedge.net/clip/models/",               \
            sha256 "/" file, DIGEST_SHA256, sha256,                            \
            "OpenAI CLIP, MIT licence; its model card puts deployed use, "     \
            "surveillance and face recognition out of scope"                   \
    }

/* Of a pinned commit of the paper's repository, with git's ids in it. */
#define PAPER_HEAD(name, git_blob)                                             \
    {                                                                          \
        name,                                                                  \
            "https://github.com/zengqunzhao/Exp-CLIP/raw/"                     \
            "411b9b4692fece112b99a68716fdf8cd01980fbb/",                       \
            "checkpoint/" name "_model.pth", DIGEST_GIT_BLOB, git_blob,        \
            "Exp-CLIP (Zhao et al., WACV 2025), MIT licence"                   \
    }

static const published files[] = {
    OPENAI_MODEL(
        "ViT-B/32", "ViT-B-32.pt",
        "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af"),
    OPENAI_MODEL(
        "ViT-B/16", "ViT-B-16.pt",
        "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f"),
    OPENAI_MODEL(
        "ViT-L/14", "ViT-L-14.pt",
        "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836"),
    PAPER_HEAD("ExpCLIP_B32", "c7d28eb6c9665e709d9d6a422864a9d5713432f3"),
    PAPER_HEAD("ExpCLIP_B16", "6f2b877fec83699e17283a511002376d117ce45f"),
    PAPER_HEAD("ExpCLIP_L14", "febcf3447362f5b3654de12f89b2185414d62ec8"),
};

enum { N_FILES = sizeof(files) / sizeof(files[0]) };

/** What one run fetches; texts are for free(). */
typedef struct job {
    char *url;
    char *target;
    char *part;
    digest_kind kind;
    const char *digest;
    const char *terms; /* or NULL */
} job;

/* ------------------------------------------------------------------------
 * From the settings to a job
 */

static int fail_name(const char *name)
{
    const char *names[N_FILES + 1] = { NULL };
    const char *near;

    for (size_t i = 0; i < N_FILES; i++)
        names[i] = files[i].name;
    near = options_nearest(name, names);
    console_error(
        "pull: unknown name %s%s%s; \"expclip pull --list\" lists them all",
        name, near ? ", did you mean " : "", near ? near : "");
    return EXIT_USAGE;
}

/** $EXPCLIP_CACHE, $XDG_CACHE_HOME/expclip or ~/.cache/expclip. */
static char *cache_folder(void)
{
    const char *cache = getenv("EXPCLIP_CACHE");
    const char *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");

    if (cache && *cache)
        return memory_text("%s", cache);
    if (xdg && *xdg)
        return memory_text("%s/expclip", xdg);
    return memory_text("%s/.cache/expclip", home ? home : ".");
}

/** Make a folder and those above it; failure shows when the file is opened. */
static void make_folders(char *path)
{
    for (char *p = path + 1; *p; p++)
        if (*p == '/') {
            *p = '\0';
            mkdir(path, 0777);
            *p = '/';
        }
    mkdir(path, 0777);
}

static void plan_published(job *j, const published *f, const char *output)
{
    const char *mirror = getenv("EXPCLIP_PULL_BASE");
    const char *slash = strrchr(f->path, '/');
    char *folder;

    j->url = memory_text("%s%s", mirror && *mirror ? mirror : f->base, f->path);
    j->kind = f->kind;
    j->digest = f->digest;
    j->terms = f->terms;
    if (output) {
        j->target = memory_text("%s", output);
        return;
    }
    folder = cache_folder();
    make_folders(folder);
    j->target = memory_text("%s/%s", folder, slash + 1);
    free(folder);
}

static int plan_url(job *j, const pull_settings *s)
{
    const digest_kind kind = s->sha256 ? DIGEST_SHA256 : DIGEST_GIT_BLOB;
    const char *digest = s->sha256 ? s->sha256 : s->git_blob;
    const size_t length = digest_length(kind);

    if (!s->output || !s->sha256 == !s->git_blob) {
        console_error("pull: --url needs -o and one of --sha256 and"
                      " --git-blob");
        return EXIT_USAGE;
    }
    if (strlen(digest) != length ||
        strspn(digest, "0123456789abcdefABCDEF") != length) {
        console_error("--%s: found \"%s\", expected %zu hexadecimal digits",
                      s->sha256 ? "sha256" : "git-blob", digest, length);
        return EXIT_USAGE;
    }
    j->url = memory_text("%s", s->url);
    j->target = memory_text("%s", s->output);
    j->kind = kind;
    j->digest = digest;
    return 0;
}

static int plan(job *j, const pull_settings *s, int n_operands, char **operands)
{
    int rc = 0;

    memset(j, 0, sizeof(*j));
    if ((n_operands == 1) == (s->url != NULL)) {
        console_error("pull: expected one name or --url; \"expclip pull"
                      " --list\" lists the names");
        return EXIT_USAGE;
    }
    if (s->url) {
        rc = plan_url(j, s);
    } else {
        size_t i = 0;
        while (i < N_FILES && strcmp(files[i].name, operands[0]))
            i++;
        if (i == N_FILES)
            return fail_name(operands[0]);
        plan_published(j, &files[i], s->output);
    }
    if (!rc)
        j->part = memory_text("%s.part", j->target);
    return rc;
}

/* ------------------------------------------------------------------------
 * Fetching
 */

/** @return 1 when the digest is right, 0 when wrong, -1 reported */
static int is_right(const job *j, FILE *f)
{
    char hex[DIGEST_HEX_SIZE];

    if (digest_file(hex, j->kind, f)) {
        console_error("%s: %s", j->target,
                      stop_wanted() ? "stopped" : strerror(errno));
        return -1;
    }
    return strcasecmp(hex, j->digest) == 0;
}

/** What a name is that we neither follow, wait for nor write to; NULL = a file
 * of its own. */
static const char *what_else(const struct stat *st, int writing)
{
    return S_ISLNK(st->st_mode)    ? "a link"
           : S_ISDIR(st->st_mode)  ? "a folder"
           : S_ISFIFO(st->st_mode) ? "a pipe"
           : !S_ISREG(st->st_mode) ? "a device or socket"
           : writing && st->st_nlink > 1
               ? "a file with a second name (hard link)"
               : NULL;
}

/**
 * Open a regular file, never through a link and without waiting for the other
 * end of a pipe.
 *
 * @return NULL, with errno = ENOENT when there is none, else 0 and reported
 */
static FILE *open_own(const char *path, int flags, const char *mode)
{
    const int fd = open(
        path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
    const int cause = errno;
    const char *wrong = NULL;
    struct stat st;
    FILE *f;

    if (fd < 0 && cause == ENOENT && !(flags & O_CREAT))
        return NULL;
    if (fd >= 0 ? fstat(fd, &st) == 0 : lstat(path, &st) == 0)
        wrong = what_else(&st, flags & O_CREAT);
    if (fd >= 0 && !wrong && (f = fdopen(fd, mode)))
        return f;
    if (wrong)
        console_error("%s: found %s, expected a regular file or a new name;"
                      " remove it or give another name with -o",
                      path, wrong);
    else
        console_error("cannot %s %s: %s", flags & O_CREAT ? "write" : "read",
                      path, strerror(cause));
    if (fd >= 0)
        close(fd);
    errno = 0;
    return NULL;
}

/** Is the file there already? @return as is_right(), 0 when it is not there */
static int is_there(const job *j)
{
    FILE *f = open_own(j->target, O_RDONLY, "rb");
    int right;

    if (!f)
        return errno == ENOENT ? 0 : -1;
    right = is_right(j, f);
    fclose(f);
    if (right == 0)
        console_error("%s is there, but is not the published file; remove it"
                      " first",
                      j->target);
    return right == 0 ? -1 : right;
}

/** Open the part that is there, or a new one; one process at a time. */
static FILE *open_part(const job *j)
{
    FILE *f = open_own(j->part, O_RDWR | O_CREAT | O_APPEND, "a+b");
    struct stat held, named;

    if (!f)
        return NULL;
    /* Who held it may have given it its name meanwhile. */
    if (flock(fileno(f), LOCK_EX | LOCK_NB) == 0 &&
        fstat(fileno(f), &held) == 0 && lstat(j->part, &named) == 0 &&
        held.st_dev == named.st_dev && held.st_ino == named.st_ino)
        return f;
    console_error("%s: another process is fetching it", j->part);
    fclose(f);
    return NULL;
}

/**
 * Fetch and check. A part that was already there may be whole: then nothing is
 * asked for. It may be of another file: when the digest is wrong after it was
 * completed, all of it is fetched again, once.
 */
static int fetch_right(const job *j, FILE *f)
{
    for (;;) {
        int rc;
        int right;
        fseeko(f, 0, SEEK_END);
        const int resumed = ftello(f) > 0;
        if (resumed && (right = is_right(j, f)) != 0)
            return right > 0 ? 0 : EXIT_RESOURCES;
        fseeko(f, 0, SEEK_END);
        if (resumed)
            console_note("continuing from %.1f MB", (double)ftello(f) * 1e-6);
        rc = download(f, j->url);
        if (rc)
            return rc;
        right = is_right(j, f);
        if (right < 0)
            return EXIT_RESOURCES;
        if (right)
            return 0;
        if (ftruncate(fileno(f), 0) || !resumed)
            break;
    }
    console_error("%s: the download was removed, because it is not the "
                  "published file: its digest is not %s",
                  j->url, j->digest);
    unlink(j->part);
    return EXIT_SOME_FAILED;
}

static int fetch(const job *j)
{
    FILE *f;
    int rc;

    console_note("%s", j->url);
    if (j->terms)
        console_note("terms: %s", j->terms);
    f = open_part(j);
    if (!f)
        return EXIT_RESOURCES;
    rc = fetch_right(j, f);
    if (!rc && (fsync(fileno(f)) || rename(j->part, j->target))) {
        console_error("cannot write %s: %s", j->target, strerror(errno));
        rc = EXIT_RESOURCES;
    }
    fclose(f);
    return rc;
}

/* ------------------------------------------------------------------------
 * The command
 */

static void print_list(void)
{
    for (size_t i = 0; i < N_FILES; i++)
        printf("%-12s %s%s\n%-12s %s %s\n%-12s %s\n", files[i].name,
               files[i].base, files[i].path, "",
               files[i].kind == DIGEST_SHA256 ? "sha256" : "git blob",
               files[i].digest, "", files[i].terms);
}

static void report(const job *j, const pull_settings *s, int was_there)
{
    if (s->json)
        json_line_print(json_pack(
            "{s:o, s:o, s:s, s:b}", "path", json_line_string(j->target), "url",
            json_line_string(j->url),
            j->kind == DIGEST_SHA256 ? "sha256" : "git_blob", j->digest,
            "was_there", was_there));
    else
        console_note("%s %s, digest checked", j->target,
                     was_there ? "was already there" : "is there");
}

static int pull(const void *settings, int n_operands, char **operands)
{
    const pull_settings *s = settings;
    job j;
    int there;
    int rc;

    if (s->list) {
        print_list();
        return EXIT_DONE;
    }
    rc = plan(&j, s, n_operands, operands);
    if (!rc) {
        there = is_there(&j);
        rc = there > 0 ? EXIT_DONE : there == 0 ? fetch(&j) : EXIT_SOME_FAILED;
        if (!rc)
            report(&j, s, there);
    }
    free(j.url);
    free(j.target);
    free(j.part);
    return rc;
}

const command pull_command = {
    "pull",
    "[NAME]",
    "Fetch published weights over HTTPS and check their digest.",
    "The names are ViT-B/32, ViT-B/16 and ViT-L/14 for --model, and "
    "ExpCLIP_B32, ExpCLIP_B16 and ExpCLIP_L14 for --head. A download that was "
    "interrupted continues. No other command uses the "
    "network.\n\n$EXPCLIP_PULL_BASE replaces the addresses up to the path of "
    "the file, for mirrors. $CURL_CA_BUNDLE, or else $SSL_CERT_FILE and "
    "$SSL_CERT_DIR, say which certificates are trusted. The command gives up "
    "when a server sends less than 1 kB/s for 60 s ($EXPCLIP_PULL_STALL); the "
    "same command then continues.",
    options,
    &defaults,
    sizeof(defaults),
    pull,
};
