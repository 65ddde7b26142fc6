// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import io.github.libexpclip.expclip.Batcher;
import io.github.libexpclip.expclip.Classes;
import io.github.libexpclip.expclip.CropOptions;
import io.github.libexpclip.expclip.Detector;
import io.github.libexpclip.expclip.DetectorOptions;
import io.github.libexpclip.expclip.Face;
import io.github.libexpclip.expclip.FaceChoice;
import io.github.libexpclip.expclip.Faces;
import io.github.libexpclip.expclip.Image;
import io.github.libexpclip.expclip.Point;
import io.github.libexpclip.expclip.Prediction;
import io.github.libexpclip.expclip.ScoreOptions;
import io.github.libexpclip.expclip.ScoredFace;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.HttpResponseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The faces of a photograph: found once, cut out, and scored through the
 * batcher together with those of other requests.
 */
final class FoundFaces implements AutoCloseable {
    private static final DetectorOptions OPTIONS =
        DetectorOptions.DEFAULT.withThreads(1);

    private final Batcher batcher;
    private final int limit;
    private final Semaphore places;
    private final Detector detector = new Detector(OPTIONS);
    private final Detector quick = new Detector(OPTIONS.withQuick(true));

    /**
     * Detectors before a batcher; a quick look suffices where one close face
     * is the image.
     *
     * @param limit   faces of an image at most, as many as the queue holds
     * @param places  for the faces of all requests that are cut out, each
     *                with its pixels, until they are scored
     */
    FoundFaces(Batcher batcher, int limit, Semaphore places) {
        this.batcher = batcher;
        this.limit = limit;
        this.places = places;
    }

    /** Which faces a request asks for; empty = the image as it is. */
    static Optional<FaceChoice> choice(String name) {
        return switch (name) {
            case "none" -> Optional.empty();
            case "largest" -> Optional.of(FaceChoice.LARGEST);
            case "all" -> Optional.of(FaceChoice.ALL);
            case "auto" -> Optional.of(FaceChoice.AUTO);
            default -> throw new BadRequestResponse("faces: \"" + name
                + "\", expected none, largest, all or auto");
        };
    }

    /**
     * What the service answers of an image's faces.
     *
     * @throws RejectedExecutionException when no place for them becomes free
     */
    Map<String, Object> score(Image image, FaceChoice which,
                              Classes classes) {
        Detector one = which == FaceChoice.AUTO ? quick : detector;
        try (Faces found = one.find(image)) {
            int n = which == FaceChoice.ALL ? found.count() : 1;
            if (n > limit) {
                throw new HttpResponseException(
                    422, n + " faces, expected at most " + limit
                    + "; faces=largest takes one", Map.of());
            }
            take(n);
            try {
                return answer(found, which, batcher.faces(
                    found, which, classes, CropOptions.DEFAULT,
                    ScoreOptions.DEFAULT));
            } finally {
                places.release(n);
            }
        }
    }

    /** Images of few faces pass those that wait for many places. */
    private void take(int n) {
        try {
            if (places.tryAcquire(n, Settings.FACES_SECONDS,
                                  TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) { // it is closing
            Thread.currentThread().interrupt();
        }
        throw new RejectedExecutionException();
    }

    private static Map<String, Object> answer(Faces found, FaceChoice which,
                                              List<ScoredFace> scored) {
        Map<String, Object> answer = which == FaceChoice.ALL
            ? new LinkedHashMap<>() : scores(scored.get(0).prediction());
        answer.put("size", List.of(found.width(), found.height()));
        answer.put("faces", scored.stream().map(FoundFaces::face).toList());
        return answer;
    }

    private static Map<String, Object> face(ScoredFace scored) {
        Face face = scored.face();
        Map<String, Object> answer = scores(scored.prediction());
        answer.put("index", scored.index());
        answer.put("box", List.of(face.x(), face.y(), face.width(),
                                  face.height()));
        answer.put("score", face.score());
        answer.put("points", face.points().stream()
            .map(FoundFaces::point).toList());
        return answer;
    }

    private static List<Float> point(Point point) {
        return List.of(point.x(), point.y());
    }

    /** Of one image or face; of one that failed, why. */
    static Map<String, Object> scores(Prediction p) {
        Map<String, Object> answer = new LinkedHashMap<>();
        if (p.isOk()) {
            answer.put("label", p.label());
            answer.put("scores", p.probabilities());
        } else {
            answer.put("status", p.error().status().name());
            answer.put("message", p.error().getMessage());
        }
        return answer;
    }

    @Override
    public void close() {
        detector.close();
        quick.close();
    }
}
