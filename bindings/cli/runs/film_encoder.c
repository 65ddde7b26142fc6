/* SPDX-License-Identifier: MIT */
/*
 * film_encoder.c - a film from its frames, through the program ffmpeg.
 *
 * ffmpeg has a process group of its own, so that Ctrl-C reaches only this
 * program, and its words go to a file without a name, from which they are
 * quoted when it fails. It may exit with 0 and leave a film without an end (a
 * full disk), so what it left is read.
 */
#define _GNU_SOURCE
#include "runs/film_encoder.h"

#include <errno.h>
#include <expclip_clips.h>
#include <expclip_faces.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared/formats.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/outfile.h"

#define LOOK_MS 50 /* between looks at stop_wanted() */
#define WORDS_SIZE 512

extern char **environ;

struct film_encoder {
    char *path;
    const char *format; /* ffmpeg's name of it */
    outfile *file;      /* NULL when it has its name */
    size_t frame_size;
    double rate;
    int64_t n_frames;
    pid_t ffmpeg; /* 0 = does not run */
    int pipe;     /* -1 = closed */
    FILE *words;  /* of ffmpeg */
};

/* ------------------------------------------------------------------------
 * Before any work
 */

static const struct {
    const char *ending;
    const char *format;
} formats[] = {
    { ".mp4", "mp4" },   { ".mkv", "matroska" }, { ".mov", "mov" },
    { ".webm", "webm" }, { ".avi", "avi" },
};

static const char *format_of(const char *path)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (expclip__ends_in(path, formats[i].ending))
            return formats[i].format;
    return NULL;
}

static int has_ffmpeg(void)
{
    const char *path = getenv("PATH");
    int found = 0;

    for (; path && *path && !found; path += *path == ':') {
        const size_t n = strcspn(path, ":");
        char *name = memory_text("%.*s/ffmpeg", (int)n, path);

        found = access(name, X_OK) == 0;
        free(name);
        path += n;
    }
    return found;
}

int film_encoder_open(film_encoder **out, const char *path)
{
    const char *format = format_of(path);
    film_encoder *e;
    int rc;

    if (!format) {
        console_error("--draw: found \"%s\", expected a name that ends in"
                      " .mp4, .mkv, .mov, .webm or .avi",
                      path);
        return EXIT_USAGE;
    }
    if (!has_ffmpeg()) {
        console_error("--draw: the program ffmpeg is not in PATH; install it, "
                      "for example by \"apt-get install ffmpeg\"");
        return EXIT_USAGE;
    }
    rc = outfile_check(path, EXPCLIP__FILE_FILM);
    if (rc)
        return rc;
    e = memory_new(1, sizeof(*e));
    e->pipe = -1;
    e->format = format;
    e->path = memory_text("%s", path);
    rc = outfile_open(&e->file, path, EXPCLIP__FILE_FILM);
    if (rc)
        film_encoder_free(e);
    else
        *out = e;
    return rc;
}

/* ------------------------------------------------------------------------
 * The program ffmpeg
 */

/** A file in memory. @return NULL where there is none */
static FILE *open_words(void)
{
    const int fd = memfd_create("ffmpeg", MFD_CLOEXEC);
    FILE *words = fd < 0 ? NULL : fdopen(fd, "w+");

    if (fd >= 0 && !words)
        close(fd);
    return words;
}

/** Run it, with `input` as its stdin. @return 0 or an errno */
static int spawn(film_encoder *e, char *const *arguments, int input)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (e->words) {
        posix_spawn_file_actions_adddup2(&actions, fileno(e->words),
                                         STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, fileno(e->words),
                                         STDERR_FILENO);
    }
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    failed = posix_spawnp(&e->ffmpeg, "ffmpeg", &actions, &attributes,
                          arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static int spawn_at(film_encoder *e, char *size, char *rate, char *output)
{
    char *const arguments[] = { "ffmpeg",    "-nostdin",
                                "-loglevel", "error",
                                "-f",        "rawvideo",
                                "-pix_fmt",  "bgr0",
                                "-s",        size,
                                "-r",        rate,
                                "-i",        "pipe:0",
                                "-vf",       "pad=ceil(iw/2)*2:ceil(ih/2)*2",
                                "-pix_fmt",  "yuv420p",
                                "-metadata", "comment=" EXPCLIP__PLOT_MARK,
                                "-f",        (char *)(uintptr_t)e->format,
                                "-y",        output,
                                NULL };
    int ends[2], failed;

    if (pipe2(ends, O_CLOEXEC))
        return errno;
    failed = spawn(e, arguments, ends[0]);
    close(ends[0]);
    e->pipe = ends[1];
    if (failed)
        e->ffmpeg = 0;
    else
        fcntl(e->pipe, F_SETFL, O_NONBLOCK);
    return failed;
}

int film_encoder_start(film_encoder *e, int32_t width, int32_t height,
                       double rate)
{
    char *size = memory_text("%dx%d", (int)width, (int)height);
    char *frames = memory_text("%.6f", rate);
    /* Else a name such as http:x.mp4 would be an address. */
    char *output = memory_text("file:%s", outfile_name(e->file));
    int failed;

    e->words = open_words();
    failed = spawn_at(e, size, frames, output);
    e->frame_size = (size_t)width * (size_t)height * 4;
    e->rate = rate;
    free(size);
    free(frames);
    free(output);
    if (failed)
        console_error("ffmpeg: %s", strerror(failed));
    return failed ? EXIT_RESOURCES : 0;
}

/**
 * What it said last, "" when nothing.
 *
 * @return 1 when something was of its output
 */
static int read_words(film_encoder *e, char *out, int size)
{
    const char *name = outfile_name(e->file);
    char line[PATH_MAX + 256];
    int is_of_output = 0;

    out[0] = '\0';
    if (e->words)
        rewind(e->words);
    while (e->words && fgets(line, (int)sizeof(line), e->words)) {
        line[strcspn(line, "\n")] = '\0';
        is_of_output |= strstr(line, name) != NULL;
        if (line[0])
            snprintf(out, (size_t)size, ": %s", line);
    }
    return is_of_output;
}

static int fail(film_encoder *e, const char *why)
{
    char words[WORDS_SIZE];

    if (stop_wanted())
        return EXIT_RESOURCES;
    read_words(e, words, WORDS_SIZE);
    console_error("%s is not written: %s%s", e->path, why, words);
    return EXIT_RESOURCES;
}

int film_encoder_add(film_encoder *e, const unsigned char *pixels)
{
    struct pollfd fd = { e->pipe, POLLOUT, 0 };
    size_t n = 0;

    while (n < e->frame_size && !stop_wanted()) {
        ssize_t done;

        if (poll(&fd, 1, LOOK_MS) == 0)
            continue;
        done = write(e->pipe, pixels + n, e->frame_size - n);
        if (done < 0 && errno != EAGAIN && errno != EINTR)
            return fail(e, "ffmpeg did not take all frames");
        n += done > 0 ? (size_t)done : 0;
    }
    e->n_frames++;
    return stop_wanted() ? EXIT_RESOURCES : 0;
}

static void close_pipe(film_encoder *e)
{
    if (e->pipe >= 0)
        close(e->pipe);
    e->pipe = -1;
}

/** @return 1 when it ended well; -1 when it shall stop */
static int wait_for_end(film_encoder *e)
{
    const struct timespec pause = { 0, LOOK_MS / 5 * 1000000L };
    int status = 0;
    pid_t ended;

    while ((ended = waitpid(e->ffmpeg, &status, WNOHANG)) == 0)
        if (stop_wanted())
            return -1;
        else
            nanosleep(&pause, NULL);
    e->ffmpeg = 0;
    return ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ------------------------------------------------------------------------
 * What it left
 */

/** Read a frame from a time on. */
static expclip_status read_from(const char *path, double start, int *has_one,
                                expclip_error *err)
{
    expclip_detector_options smallest = EXPCLIP_DETECTOR_OPTIONS_INIT;
    expclip_frames_options options = EXPCLIP_FRAMES_OPTIONS_INIT;
    const expclip_image_options image = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_detector *detector = NULL;
    expclip_frames *frames = NULL;
    expclip_faces *faces = NULL;
    expclip_status status;

    smallest.long_side = 32; /* only whether there is a frame is asked */
    smallest.threads = 1;
    options.sampling = EXPCLIP_SAMPLING_ALL;
    options.start = start;
    status = expclip_detector_create(&detector, &smallest, err);
    if (!status)
        status = expclip_frames_open(&frames, path, &options, err);
    if (!status)
        status = expclip_detector_find_frame(&faces, detector, frames, &image,
                                             stop_token(), err);
    *has_one = faces && !expclip_faces_status(faces);
    expclip_faces_free(faces);
    expclip_frames_free(frames);
    expclip_detector_free(detector);
    return status;
}

/** The film must have its last frames: a disk may have been full. */
static int check_film(film_encoder *e)
{
    const char *name = outfile_name(e->file);
    const double last = ((double)e->n_frames - 3.0) / e->rate;
    expclip_error err;
    struct stat st;
    expclip_status status;
    char words[WORDS_SIZE];
    int has_one = 0;

    if (read_words(e, words, WORDS_SIZE))
        return fail(e, "ffmpeg could not write all of it");
    if (stat(name, &st) || st.st_size == 0)
        return fail(e, "ffmpeg left an empty file");
    status = read_from(name, fmax(last, 0.0), &has_one, &err);
    /* What ffmpeg can write this machine's libraries need not read. */
    if (status == EXPCLIP_ERROR_UNSUPPORTED || (!status && has_one))
        return 0;
    return fail(e, "ffmpeg left a film without an end");
}

int film_encoder_commit(film_encoder *e)
{
    outfile *file = e->file;
    int ended_well, rc;

    close_pipe(e);
    ended_well = wait_for_end(e);
    if (ended_well != 1)
        return fail(e, "ffmpeg failed");
    rc = check_film(e);
    if (rc)
        return rc;
    e->file = NULL;
    return outfile_commit(file);
}

void film_encoder_free(film_encoder *e)
{
    if (!e)
        return;
    close_pipe(e);
    if (e->ffmpeg) {
        kill(e->ffmpeg, SIGKILL);
        waitpid(e->ffmpeg, NULL, 0);
    }
    outfile_abort(e->file);
    if (e->words)
        fclose(e->words);
    free(e->path);
    free(e);
}
