/* SPDX-License-Identifier: MIT */
/*
 * t5_tokens.cpp - an instruction as T5's token ids. The only file that sees
 * SentencePiece; nothing that it throws gets out.
 */
#include "teacher/t5_tokens.h"

extern "C" {
#include "base/alloc.h"
#include "base/error.h"
}

#ifdef EXPCLIP_HAVE_SENTENCEPIECE

#include <sentencepiece_processor.h>

#include <new>
#include <string>
#include <vector>

static expclip_status copy_ids(int32_t **out, size_t *n_ids,
                               const std::vector<int> &ids, int end,
                               expclip_error *err)
{
    int32_t *copy;

    if (ids.empty() || end < 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "instruction: no token in it");
    copy =
        static_cast<int32_t *>(expclip__alloc(ids.size() + 1, sizeof(*copy)));
    if (!copy)
        return expclip__fail_memory(err, "instruction");
    for (size_t i = 0; i < ids.size(); i++)
        copy[i] = ids[i];
    copy[ids.size()] = end;
    *out = copy;
    *n_ids = ids.size() + 1;
    return EXPCLIP_OK;
}

static expclip_status encode(int32_t **out, size_t *n_ids,
                             const char *model_path, const char *text,
                             expclip_error *err)
{
    sentencepiece::SentencePieceProcessor processor;
    std::vector<int> ids;
    sentencepiece::util::Status status = processor.Load(model_path);

    if (!status.ok())
        return expclip__fail(err,
                             status.code() ==
                                     sentencepiece::util::StatusCode::kNotFound
                                 ? EXPCLIP_ERROR_NOT_FOUND
                                 : EXPCLIP_ERROR_FORMAT,
                             "%s: %s", model_path, status.message());
    status = processor.Encode(text, &ids);
    if (!status.ok())
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "instruction: %s",
                             status.message());
    return copy_ids(out, n_ids, ids, processor.eos_id(), err);
}

expclip_status expclip__t5_encode(int32_t **out, size_t *n_ids,
                                  const char *model_path, const char *text,
                                  expclip_error *err)
{
    try {
        return encode(out, n_ids, model_path, text, err);
    } catch (const std::bad_alloc &) {
        return expclip__fail_memory(err, "instruction");
    } catch (const std::exception &e) {
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "%s: %s", model_path,
                             e.what());
    } catch (...) {
        return expclip__fail(err, EXPCLIP_ERROR_INTERNAL,
                             "%s: unknown exception", model_path);
    }
}

#else

expclip_status expclip__t5_encode(int32_t **, size_t *, const char *,
                                  const char *, expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "instruction: this build has no SentencePiece; build "
                         "it where libsentencepiece-dev is installed");
}

#endif
