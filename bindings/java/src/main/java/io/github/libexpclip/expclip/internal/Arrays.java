// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip.internal;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * What the C library takes as an array: a direct buffer in native order, from
 * its position to its limit and without a copy, or a Java array, with a copy.
 */
public final class Arrays {
    private Arrays() {
    }

    static Object floats(Object array) {
        if (array instanceof FloatBuffer buffer) {
            check(buffer, buffer.order(), false);
            return isWhole(buffer) ? buffer : buffer.slice();
        }
        return (float[]) array;
    }

    static Object floatsOut(Object array) {
        if (array instanceof FloatBuffer buffer) {
            check(buffer, buffer.order(), true);
        }
        return floats(array);
    }

    static Object ints(Object array) {
        if (array instanceof IntBuffer buffer) {
            check(buffer, buffer.order(), false);
            return isWhole(buffer) ? buffer : buffer.slice();
        }
        return (int[]) array;
    }

    static Object intsOut(Object array) {
        if (array instanceof IntBuffer buffer) {
            check(buffer, buffer.order(), true);
        }
        return ints(array);
    }

    /** Bytes have no order. */
    public static Object bytes(Object array) {
        if (array instanceof ByteBuffer buffer) {
            check(buffer, ByteOrder.nativeOrder(), false);
            return isWhole(buffer) ? buffer : buffer.slice();
        }
        return (byte[]) array;
    }

    static Object bytesOut(Object array) {
        if (array instanceof ByteBuffer buffer) {
            check(buffer, ByteOrder.nativeOrder(), true);
        }
        return bytes(array);
    }

    private static boolean isWhole(Buffer buffer) {
        return buffer.remaining() == buffer.capacity();
    }

    private static void check(Buffer buffer, ByteOrder order, boolean written) {
        if (!buffer.isDirect()) {
            throw new IllegalArgumentException(
                "a heap buffer, expected a direct one or an array");
        }
        if (order != ByteOrder.nativeOrder()) {
            throw new IllegalArgumentException(
                "a buffer in " + order + " order, expected the native one");
        }
        if (written && buffer.isReadOnly()) {
            throw new IllegalArgumentException(
                "a read-only buffer, expected one to write to");
        }
    }
}
