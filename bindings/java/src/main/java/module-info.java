/**
 * Zero-shot facial expression recognition with CLIP and Exp-CLIP.
 */
module io.github.libexpclip.expclip {
    requires static java.desktop;

    exports io.github.libexpclip.expclip;
}
