/* SPDX-License-Identifier: MIT */
/*
 * doctor_machine.c - what `expclip doctor` tells of this machine.
 */
#define _GNU_SOURCE
#include "runs/doctor_machine.h"

#include <expclip.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal/console.h"
#include "terminal/memory.h"

/** Of "flags" in /proc/cpuinfo, those that libtorch's kernels look for. */
static void print_cpu_features(const char *flags)
{
    static const char *const known[] = {
        " avx2 ",     " fma ",         " avx512f ",  " avx512_vnni ",
        " avx_vnni ", " avx512_bf16 ", " amx_bf16 ", " amx_int8 ",
        " asimd ",    " bf16 ",        " sve ",
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strstr(flags, known[i]))
            printf("%.*s", (int)strlen(known[i]) - 1, known[i]);
}

void doctor_print_cpu(void)
{
    char line[8192];
    FILE *f = fopen("/proc/cpuinfo", "re");

    printf("processor   %ld cores online", sysconf(_SC_NPROCESSORS_ONLN));
    while (f && fgets(line, (int)sizeof(line), f)) {
        char *value = strchr(line, ':');
        if (!value)
            continue;
        line[strcspn(line, "\n")] = value[1] ? ' ' : '\0';
        if (strncmp(line, "model name", 10) == 0)
            printf(",%s", value + 1);
        if (strncmp(line, "flags", 5) == 0 ||
            strncmp(line, "Features", 8) == 0) {
            printf("\n           ");
            print_cpu_features(value + 1);
            break;
        }
    }
    putchar('\n');
    if (f)
        fclose(f);
}

/** Print the members of a JSON object, a line each. */
static void print_members(const char *object)
{
    json_t *info = json_loads(object, 0, NULL);
    const char *key;
    json_t *value;

    json_object_foreach (info, key, value) {
        char *text = json_is_string(value)
                         ? memory_text("%s", json_string_value(value))
                         : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        printf("  %-15s", key);
        console_print(stdout, text ? text : "");
        putchar('\n');
        free(text);
    }
    json_decref(info);
}

void doctor_print_library(void)
{
    printf("\nlibrary     %s, ABI %d\n", expclip_library_version(),
           expclip_library_abi_version());
    print_members(expclip_library_build_info());
    printf("libtorch\n");
    print_members(expclip_library_runtime_info());
}
