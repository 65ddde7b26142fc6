// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Why a call failed, as the C library numbers it. */
public enum Status {
    /** A parameter is wrong. */
    ARGUMENT(-10, ArgumentException::new),
    /** Objects that do not belong together, or that are closed. */
    STATE(-11, StateException::new),
    /** The call was cancelled. */
    CANCELLED(-12, CancelledException::new),
    /** A model was used in a child after fork(). */
    FORK(-13, null),
    /** A queue is full. */
    BUSY(-14, BusyException::new),
    /** The system could not read or write. */
    IO(-20, ReadException::new),
    /** No such file, model, prompt set or class. */
    NOT_FOUND(-21, NotFoundException::new),
    /** Damaged, or not what it claims to be. */
    FORMAT(-30, FormatException::new),
    /** The file ends too early. */
    TRUNCATED(-31, TruncatedException::new),
    /** Well formed, but not handled. */
    UNSUPPORTED(-32, UnsupportedException::new),
    /** The file would run code or leave its folder. */
    UNSAFE(-33, null),
    /** Larger than a limit allows. */
    LIMIT(-34, LimitException::new),
    /** A tensor is missing or of another shape. */
    SHAPE(-35, null),
    /** NaN or infinity where none may be. */
    NONFINITE(-36, null),
    /** No face was found in an image. */
    NO_FACE(-37, NoFaceException::new),
    /** libtorch, or the library itself, is missing or failed. */
    BACKEND(-40, BackendException::new),
    /** Out of memory. */
    MEMORY(-50, MemoryException::new),
    /** A bug of the library: please report it. */
    INTERNAL(-60, null),
    /** A status that this version does not know. */
    UNKNOWN(0, null);

    private static final Map<Integer, Status> BY_CODE =
        Stream.of(values()).collect(Collectors.toMap(s -> s.code, s -> s));

    private final int code;
    private final Function<String, ExpclipException> maker;

    Status(int code, Function<String, ExpclipException> maker) {
        this.code = code;
        this.maker = maker;
    }

    /**
     * The number of the C library, negative.
     *
     * @return the code, such as -21
     */
    public int code() {
        return code;
    }

    /**
     * The status of a number.
     *
     * @param code  as the C library returns it
     * @return the status; {@link #UNKNOWN} when there is none
     */
    public static Status of(int code) {
        return BY_CODE.getOrDefault(code, UNKNOWN);
    }

    ExpclipException exception(int code, String message) {
        return maker != null ? maker.apply(message)
                             : new ExpclipException(this, code, message);
    }
}
