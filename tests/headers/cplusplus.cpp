/* SPDX-License-Identifier: MIT */
/*
 * cplusplus.cpp - the same checks in a C++ program.
 */
#include "only_header.c"
#include "initializers.c"
