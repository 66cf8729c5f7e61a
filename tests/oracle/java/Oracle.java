import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * What Java makes of it, written as the platform's sample code is written: one question per line of standard input, one
 * answer per line of standard output. A question is the name of an operation and its arguments, an answer is "ok" and
 * bytes, or "error" and the class of the exception. Arguments and bytes are hexadecimal, "-" when empty.
 */
public final class Oracle {
    private static final HexFormat HEX = HexFormat.of();
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final ObjectMapper SORTING =
            JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();
    private static final ObjectMapper ASCII = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final ObjectMapper UNQUOTED =
            JsonMapper.builder().disable(JsonWriteFeature.QUOTE_FIELD_NAMES).build();
    private static final ObjectMapper LENIENT =
            JsonMapper.builder()
                    .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        var out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            byte[][] given = Arrays.stream(words).skip(1).map(Oracle::bytes).toArray(byte[][]::new);
            try {
                byte[] answer = answer(words[0], given);
                out.println("ok " + (answer.length == 0 ? "-" : HEX.formatHex(answer)));
            } catch (Exception | Error failure) {
                out.println("error " + failure.getClass().getSimpleName());
            }
        }
        out.flush();
    }

    private static byte[] answer(String operation, byte[][] given) throws Exception {
        return switch (operation) {
            case "key" -> key(number(given[0]), given[1]).getEncoded();
            case "encrypt" -> encrypt(number(given[0]), given[1], text(given[2]), given[3]);
            case "decrypt" -> decrypt(number(given[0]), given[1], text(given[2]));
            case "encrypt-blocks" -> blocks(number(given[0]), given[1], given[2], given[3]);
            case "mac" -> mac(given[0], given[1]);
            case "oaep-encrypt" -> oaep(given[0], Cipher.ENCRYPT_MODE, text(given[1])).doFinal(given[2]);
            case "oaep-decrypt" -> oaep(given[0], Cipher.DECRYPT_MODE, text(given[1])).doFinal(given[2]);
            case "gcm-encrypt" -> gcm(Cipher.ENCRYPT_MODE, given[0], given[1]).doFinal(given[2]);
            case "gcm-decrypt" -> gcm(Cipher.DECRYPT_MODE, given[0], given[1]).doFinal(given[2]);
            case "ecb-encrypt" -> ecb(Cipher.ENCRYPT_MODE, given[0]).doFinal(given[1]);
            case "ecb-decrypt" -> ecb(Cipher.DECRYPT_MODE, given[0]).doFinal(given[1]);
            case "list" -> written(MAPPER, MAPPER.readValue(given[0], new TypeReference<List<Object>>() {}));
            case "unquoted-list" -> written(UNQUOTED, MAPPER.readValue(given[0], new TypeReference<List<Object>>() {}));
            case "read-list" -> written(MAPPER, LENIENT.readValue(given[0], new TypeReference<List<Object>>() {}));
            case "top-level-sorted" -> written(MAPPER, read(given[0], new TreeMap<>()));
            case "descending" -> written(MAPPER, read(given[0], new TreeMap<>(Comparator.reverseOrder())));
            case "recursively-sorted" -> written(SORTING, read(given[0], new LinkedHashMap<>()));
            case "scalars-as-strings" -> scalarsAsStrings(given[0]);
            case "string" -> written(MAPPER, text(given[0]));
            case "ascii-string" -> written(ASCII, text(given[0]));
            case "double" -> utf8(Double.toString(Double.longBitsToDouble(Long.parseUnsignedLong(text(given[0])))));
            case "sorted" -> utf8(Arrays.stream(text(given[0]).split("\n")).sorted().collect(Collectors.joining("\n")));
            case "url-decode" -> utf8(URLDecoder.decode(text(given[0]), StandardCharsets.UTF_8));
            case "time" -> utf8(time(Long.parseLong(text(given[0])), number(given[1])));
            default -> throw new IllegalArgumentException(operation);
        };
    }

    private static SecretKeySpec key(int bits, byte[] seed) throws Exception {
        SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
        random.setSeed(seed);
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(bits, random);
        return new SecretKeySpec(generator.generateKey().getEncoded(), "AES");
    }

    private static byte[] encrypt(int bits, byte[] accessKey, String iv, byte[] plain) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, key(bits, accessKey), new IvParameterSpec(utf8(iv)));
        return utf8(iv + Base64.getEncoder().encodeToString(cipher.doFinal(plain)));
    }

    private static byte[] decrypt(int bits, byte[] accessKey, String credential) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        byte[] iv = utf8(credential.substring(0, 16));
        cipher.init(Cipher.DECRYPT_MODE, key(bits, accessKey), new IvParameterSpec(iv));
        return cipher.doFinal(Base64.getDecoder().decode(credential.substring(16)));
    }

    /** Whole blocks as they are, so that a wrong padding can be made. */
    private static byte[] blocks(int bits, byte[] accessKey, byte[] iv, byte[] plain) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, key(bits, accessKey), new IvParameterSpec(iv));
        return cipher.doFinal(plain);
    }

    /** "java" is the transformation whose name the platform's documents print, with what Java means by it. */
    private static Cipher oaep(byte[] pem, int mode, String hashes) throws Exception {
        String digits = text(pem).replaceAll("-----[A-Z ]+-----|\\s", "");
        KeyFactory factory = KeyFactory.getInstance("RSA");
        var key = (RSAPrivateCrtKey) factory.generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(digits)));
        var half = mode == Cipher.DECRYPT_MODE
                ? key
                : factory.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
        if (hashes.equals("java")) {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
            cipher.init(mode, half);
            return cipher;
        }
        String[] names = hashes.toUpperCase().split("/");
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        var mask = new MGF1ParameterSpec(names[1]);
        cipher.init(mode, half, new OAEPParameterSpec(names[0], "MGF1", mask, PSource.PSpecified.DEFAULT));
        return cipher;
    }

    private static Cipher gcm(int mode, byte[] key, byte[] iv) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
        return cipher;
    }

    private static Cipher ecb(int mode, byte[] key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/ECB/PKCS5Padding");
        cipher.init(mode, new SecretKeySpec(key, "AES"));
        return cipher;
    }

    private static byte[] mac(byte[] key, byte[] message) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message);
    }

    /** Top-level nulls are removed, as the sample does before it signs. */
    private static Map<String, Object> read(byte[] body, Map<String, Object> into) throws Exception {
        into.putAll(MAPPER.readValue(body, new TypeReference<LinkedHashMap<String, Object>>() {}));
        into.values().removeIf(value -> value == null);
        return into;
    }

    private static byte[] scalarsAsStrings(byte[] body) throws Exception {
        TreeMap<String, String> map = MAPPER.readValue(body, new TypeReference<TreeMap<String, String>>() {});
        map.values().removeIf(value -> value == null);
        return written(MAPPER, map);
    }

    private static byte[] written(ObjectMapper mapper, Object value) throws Exception {
        return utf8(mapper.writeValueAsString(value));
    }

    private static String time(long millis, int zone) {
        return DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS")
                .format(Instant.ofEpochMilli(millis).atOffset(ZoneOffset.ofTotalSeconds(zone * 60)));
    }

    private static byte[] bytes(String word) {
        return word.equals("-") ? new byte[0] : HEX.parseHex(word);
    }

    private static int number(byte[] given) {
        return Integer.parseInt(text(given));
    }

    private static String text(byte[] given) {
        return new String(given, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
