/* SPDX-License-Identifier: MIT */
/*
 * main.c - the program `expclip`: finds the command and runs it.
 *
 * Results go to stdout, everything else to stderr. The exit codes are those of
 * command.h; results that could not be written count as out of resources.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/command.h"
#include "manual/manual.h"
#include "options/options.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/outfile.h"

static const command *const commands[] = {
    &score_command,      &clip_command,     &detect_command,
    &embed_command,      &tokenize_command, &preprocess_command,
    &check_list_command, &evaluate_command, &prompts_command,
    &inspect_command,    &convert_command,  &features_command,
    &targets_command,    &train_command,    &doctor_command,
    &pull_command,
};

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/**
 * Occupy closed standard streams, so that no file that is opened later gets
 * their number; writing to them still fails. (As GNU's stdopen does.)
 */
static void occupy_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            _exit(EXIT_RESOURCES);
}

/**
 * Let the threads of libtorch's OpenMP sleep when they wait, unless the user
 * says otherwise. They spin by default, which is faster only while nobody else
 * wants the cores; but we decode images beside the computing, and other
 * programs run too: on 4 busy cores 400 images took 1.2 s instead of 2.6 s,
 * and with --threads 2 instead of 11 s. libgomp reads this when it is loaded,
 * which the first model does.
 */
static void wait_asleep(void)
{
    setenv("OMP_WAIT_POLICY", "passive", 0);
}

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int fail_unknown(const char *name)
{
    const char *names[N_COMMANDS + 1] = { NULL };
    const char *near;

    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i]->name;
    near = options_nearest(name, names);
    if (near)
        console_error("unknown command %s; did you mean %s?", name, near);
    else
        console_error("unknown command %s; see \"expclip --help\"", name);
    return EXIT_USAGE;
}

static void print_help(FILE *f)
{
    fputs("usage: expclip COMMAND [options] ...\n\n"
          "Zero-shot facial expression recognition with CLIP and Exp-CLIP.\n\n"
          "Commands:\n",
          f);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(f, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n\"expclip COMMAND --help\" lists the options of a command;"
          " \"expclip --version\"\nprints the version.\n"
          "Exit codes: 0 everything is done, 1 some items failed, 2 wrong"
          " command line,\n3 the model could not be loaded, 4 interrupted or"
          " out of resources.\n\n"
          "Scores say what an image resembles, never what a person feels.\n",
          f);
}

/** The man page or a shell's completion, for the build and for users. */
static int print_document(const char *name)
{
    const command_list list = { commands, N_COMMANDS };

    if (name && manual_print(name, &list))
        return EXIT_DONE;
    console_error("help --generate: found \"%s\", expected man, bash, zsh or"
                  " fish",
                  name ? name : "");
    return EXIT_USAGE;
}

/**
 * "help", "help COMMAND", "help --generate man|bash|zsh|fish", and "help
 * --words [COMMAND]" for tests.
 */
static int run_help(int argc, char **argv)
{
    const int generates = argc > 0 && strcmp(argv[0], "--generate") == 0;
    const int words = argc > 0 && strcmp(argv[0], "--words") == 0;
    const char *name = argc > words ? argv[words] : NULL;
    const command *c = name ? find_command(name) : NULL;

    if (generates)
        return print_document(argv[1]);
    if (name && !c)
        return fail_unknown(name);
    if (c && words)
        options_words(c);
    else if (c)
        options_help(c);
    else if (words)
        for (size_t i = 0; i < N_COMMANDS; i++)
            puts(commands[i]->name);
    else
        print_help(stdout);
    return EXIT_DONE;
}

/** A file of results is kept unless there are none. */
static int end_results_file(int rc)
{
    int failed;

    if (rc == EXIT_USAGE || rc == EXIT_MODEL) {
        outfile_drop_redirection();
        return rc;
    }
    failed = console_flush() ? EXIT_RESOURCES : outfile_end_redirection();
    return failed ? failed : rc;
}

static int run_command(const command *c, int argc, char **argv)
{
    void *settings = memory_new(1, c->settings_size);
    int n_operands = 0;
    int rc;

    memcpy(settings, c->defaults, c->settings_size);
    rc = options_parse(c, settings, argc, argv, &n_operands);
    if (rc == OPTIONS_RUN) {
        rc = stop_install();
        if (rc == 0)
            rc = c->run(settings, n_operands, argv);
    }
    free(settings);
    return end_results_file(rc);
}

static int dispatch(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    const command *c = name ? find_command(name) : NULL;

    if (!name) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (c)
        return run_command(c, argc - 2, argv + 2);
    if (strcmp(name, "--version") == 0) {
        printf("expclip %s\n", expclip_library_version());
        return EXIT_DONE;
    }
    if (strcmp(name, "help") == 0)
        return run_help(argc - 2, argv + 2);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return run_help(0, NULL);
    return fail_unknown(name);
}

/** Results that did not reach their reader are an error, found at the end. */
static int close_results(int rc)
{
    int cause = console_flush();

    if (fclose(stdout) && !cause)
        cause = errno;
    if (!cause)
        return rc;
    /* A reader that has seen enough, such as head, needs no message. */
    if (cause != EPIPE)
        console_error("cannot write results: %s", strerror(cause));
    return EXIT_RESOURCES;
}

int main(int argc, char **argv)
{
    static char lines[4096];

    occupy_standard_streams();
    /* A message is one write, not one per character: there may be many. */
    setvbuf(stderr, lines, _IOLBF, sizeof(lines));
    wait_asleep();
    return close_results(dispatch(argc, argv));
}
