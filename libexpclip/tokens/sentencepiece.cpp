/* SPDX-License-Identifier: MIT */
/*
 * sentencepiece.cpp - the module libexpclip-sentencepiece.so. The only file
 * that sees SentencePiece; nothing that it throws gets out.
 */
#include "tokens/sentencepiece.h"

#include <sentencepiece_processor.h>

#include <cstdio>
#include <memory>
#include <new>
#include <vector>

using Message = expclip__sentencepiece_message;
using Processor = sentencepiece::SentencePieceProcessor;

static expclip_status fail(Message *why, expclip_status status,
                           const char *text)
{
    std::snprintf(why->text, sizeof(why->text), "%s", text);
    return status;
}

/* What is thrown in it becomes a status. */
template <typename Work> static expclip_status guard(Message *why, Work work)
{
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return fail(why, EXPCLIP_ERROR_MEMORY, "out of memory");
    } catch (const std::exception &e) {
        return fail(why, EXPCLIP_ERROR_FORMAT, e.what());
    } catch (...) {
        return fail(why, EXPCLIP_ERROR_INTERNAL, "unknown exception");
    }
}

static expclip_status load(void **out, const char *path, Message *why)
{
    return guard(why, [&]() -> expclip_status {
        std::unique_ptr<Processor> p(new Processor);
        const sentencepiece::util::Status status = p->Load(path);

        if (!status.ok())
            return fail(why,
                        status.code() ==
                                sentencepiece::util::StatusCode::kNotFound
                            ? EXPCLIP_ERROR_NOT_FOUND
                            : EXPCLIP_ERROR_FORMAT,
                        status.message());
        *out = p.release();
        return EXPCLIP_OK;
    });
}

static void release(void *model)
{
    delete static_cast<Processor *>(model);
}

static size_t count(const void *model)
{
    return static_cast<size_t>(
        static_cast<const Processor *>(model)->GetPieceSize());
}

static expclip_status copy_ids(int32_t **out, size_t *n_ids,
                               const std::vector<int> &ids, int end,
                               expclip__sentencepiece_alloc *alloc,
                               Message *why)
{
    int32_t *copy;

    if (ids.empty() || end < 0)
        return fail(why, EXPCLIP_ERROR_ARGUMENT, "no token in it");
    copy = static_cast<int32_t *>(alloc(ids.size() + 1, sizeof(*copy)));
    if (!copy)
        return fail(why, EXPCLIP_ERROR_MEMORY, "out of memory");
    for (size_t i = 0; i < ids.size(); i++)
        copy[i] = ids[i];
    copy[ids.size()] = end;
    *out = copy;
    *n_ids = ids.size() + 1;
    return EXPCLIP_OK;
}

static expclip_status encode(int32_t **ids, size_t *n_ids, const void *model,
                             const char *text,
                             expclip__sentencepiece_alloc *alloc, Message *why)
{
    const Processor *p = static_cast<const Processor *>(model);

    return guard(why, [&]() -> expclip_status {
        std::vector<int> found;
        const sentencepiece::util::Status status = p->Encode(text, &found);

        if (!status.ok())
            return fail(why, EXPCLIP_ERROR_FORMAT, status.message());
        return copy_ids(ids, n_ids, found, p->eos_id(), alloc, why);
    });
}

/* EXPCLIP__SENTENCEPIECE_TABLE */
extern "C" __attribute__((visibility("default")))
const expclip__sentencepiece expclip__sentencepiece_1 = { load, release, count,
                                                          encode };
