// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/**
 * A call failed. The statuses that people catch have subclasses, such as
 * {@link NotFoundException}; {@link #status} tells the others apart.
 */
public class ExpclipException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why; its number is {@link #code}. */
    private final Status status;
    /** The number of the C library. */
    private final int code;

    ExpclipException(Status status, String message) {
        this(status, status.code(), message);
    }

    ExpclipException(Status status, int code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    /**
     * The exception of a failure of the C library.
     *
     * @param code     its status, negative
     * @param message  its message
     * @return the subclass of that status, if there is one
     */
    public static ExpclipException of(int code, String message) {
        return Status.of(code).exception(code, message);
    }

    /**
     * Why the call failed.
     *
     * @return the status
     */
    public Status status() {
        return status;
    }

    /**
     * The status as the C library numbers it.
     *
     * @return the code, negative
     */
    public int code() {
        return code;
    }
}
